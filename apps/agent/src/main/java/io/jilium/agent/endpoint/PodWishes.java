// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.MacAddress;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What a pod asks for in its annotations.
 *
 * @param egressBits a second; asked for, not enforced yet
 * @param ingressBits a second; asked for, not enforced yet
 */
record PodWishes(Optional<MacAddress> mac, OptionalLong egressBits, OptionalLong ingressBits) {
  static final String MAC = "cni.cilium.io/mac-address";
  static final String EGRESS = "kubernetes.io/egress-bandwidth";
  static final String INGRESS = "kubernetes.io/ingress-bandwidth";

  private static final Pattern QUANTITY =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?");

  /**
   * Reads the annotations.
   *
   * @throws IllegalArgumentException naming the annotation that cannot be followed
   */
  static PodWishes of(Map<String, String> annotations) {
    return new PodWishes(
        Optional.ofNullable(annotations.get(MAC)).map(PodWishes::mac),
        bits(annotations, EGRESS),
        bits(annotations, INGRESS));
  }

  boolean wantsBandwidth() {
    return egressBits.isPresent() || ingressBits.isPresent();
  }

  private static MacAddress mac(String text) {
    try {
      var mac = MacAddress.parse(text.strip());
      if (!mac.isMulticast() && !mac.equals(MacAddress.ZERO)) {
        return mac;
      }
    } catch (IllegalArgumentException _) {
      // The same sentence tells both.
    }
    throw new IllegalArgumentException(
        "annotation " + MAC + "=" + text + ": the address of one device is expected");
  }

  /** A quantity as Kubernetes writes it: {@code 10M}, {@code 1Gi}, {@code 500000}. */
  private static OptionalLong bits(Map<String, String> annotations, String name) {
    var text = annotations.get(name);
    if (text == null) {
      return OptionalLong.empty();
    }
    var quantity = QUANTITY.matcher(text.strip());
    if (!quantity.matches()) {
      throw new IllegalArgumentException(
          "annotation " + name + "=" + text + ": bits a second are expected, such as 10M");
    }
    var unit = Optional.ofNullable(quantity.group(2)).orElse("");
    return OptionalLong.of(new BigDecimal(quantity.group(1)).multiply(factor(unit)).longValue());
  }

  private static BigDecimal factor(String unit) {
    if (unit.equals("m")) {
      return new BigDecimal("0.001");
    }
    int power = unit.isEmpty() ? 0 : "kMGTP".indexOf(unit.replace('K', 'k').charAt(0)) + 1;
    return BigDecimal.valueOf(unit.endsWith("i") ? 1024 : 1000).pow(power);
  }
}
