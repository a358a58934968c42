// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the cluster's ConfigMap says to operators alone, by Cilium's flags.
 *
 * @param removeTaint {@code remove-cilium-node-taints}
 * @param setTaint {@code set-cilium-node-taints}: on nodes whose agent is not ready any more
 * @param setNodeCondition {@code set-cilium-is-up-condition}
 * @param unmanagedInterval {@code unmanaged-pod-watcher-interval}, in s; 0: such pods are left
 *     alone
 * @param restartSelector {@code pod-restart-selector}: labels of the pods that are restarted
 * @param pools {@code auto-create-cilium-pod-ip-pools}: pools that are made if they are not there
 */
public record OperatorFlags(
    boolean removeTaint,
    boolean setTaint,
    boolean setNodeCondition,
    Duration unmanagedInterval,
    Map<String, String> restartSelector,
    List<NewPool> pools) {

  /** A pool to make; an empty list of prefixes: without that family. */
  public record NewPool(
      String name, List<String> v4Cidrs, int v4MaskSize, List<String> v6Cidrs, int v6MaskSize) {}

  /**
   * Reads flags.
   *
   * @throws IllegalArgumentException naming the flag that cannot be read
   */
  public static OperatorFlags of(Map<String, String> flags) {
    return new OperatorFlags(
        bool(flags, "remove-cilium-node-taints", true),
        bool(flags, "set-cilium-node-taints", false),
        bool(flags, "set-cilium-is-up-condition", true),
        seconds(flags, "unmanaged-pod-watcher-interval", 15),
        labels(flags, "pod-restart-selector", "k8s-app=kube-dns"),
        pools(flags, "auto-create-cilium-pod-ip-pools"));
  }

  private static boolean bool(Map<String, String> flags, String flag, boolean otherwise) {
    String text = flags.getOrDefault(flag, "").strip();
    return switch (text) {
      case "" -> otherwise;
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(flag, text, "true or false");
    };
  }

  private static Duration seconds(Map<String, String> flags, String flag, int otherwise) {
    String text = flags.getOrDefault(flag, "").strip();
    if (text.isEmpty()) {
      return Duration.ofSeconds(otherwise);
    }
    if (!text.matches("\\d{1,6}s?")) {
      throw wrong(flag, text, "seconds");
    }
    return Duration.ofSeconds(Integer.parseInt(text.replace("s", "")));
  }

  private static Map<String, String> labels(
      Map<String, String> flags, String flag, String otherwise) {
    String text = flags.getOrDefault(flag, otherwise).strip();
    Map<String, String> labels = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw wrong(flag, text, "label=value, several with commas");
      }
      labels.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
    }
    return Map.copyOf(labels);
  }

  /** {@code NAME=ipv4-cidrs:CIDR,CIDR;ipv4-mask-size:N;ipv6-cidrs:…}, several with commas. */
  private static List<NewPool> pools(Map<String, String> flags, String flag) {
    String text = flags.getOrDefault(flag, "").strip();
    if (text.isEmpty()) {
      return List.of();
    }
    List<NewPool> pools = new ArrayList<>();
    for (String part : text.split(",(?=[a-z0-9.-]+=)|\\s+", -1)) {
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw wrong(flag, text, "NAME=ipv4-cidrs:CIDR;ipv4-mask-size:N");
      }
      pools.add(pool(flag, part.substring(0, equals), part.substring(equals + 1)));
    }
    return List.copyOf(pools);
  }

  private static NewPool pool(String flag, String name, String text) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : text.split(";", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int colon = part.indexOf(':');
      if (colon <= 0) {
        throw wrong(flag, text, "NAME=ipv4-cidrs:CIDR;ipv4-mask-size:N");
      }
      parts.put(part.substring(0, colon).strip(), part.substring(colon + 1).strip());
    }
    return new NewPool(
        name,
        cidrs(parts, "ipv4-cidrs"),
        number(flag, parts, "ipv4-mask-size", 24),
        cidrs(parts, "ipv6-cidrs"),
        number(flag, parts, "ipv6-mask-size", 120));
  }

  private static List<String> cidrs(Map<String, String> parts, String name) {
    String text = parts.getOrDefault(name, "");
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }

  private static int number(String flag, Map<String, String> parts, String name, int otherwise) {
    String text = parts.getOrDefault(name, Integer.toString(otherwise));
    if (!text.matches("\\d{1,3}")) {
      throw wrong(flag, text, "a prefix length");
    }
    return Integer.parseInt(text);
  }

  private static IllegalArgumentException wrong(String flag, String text, String expected) {
    return new IllegalArgumentException(flag + " is \"" + text + "\", and has to be " + expected);
  }
}
