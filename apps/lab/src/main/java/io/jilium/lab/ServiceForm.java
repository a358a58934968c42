// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What Kubernetes' API server does to a Service that is applied: it refuses what cannot be, naming
 * the field, fills in defaults, and gives addresses and ports that nobody else has.
 */
final class ServiceForm {
  private static final Pattern PORT_NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  /** Java takes fewer, too, as the C library once did. */
  private static final Pattern FOUR_NUMBERS = Pattern.compile("[0-9]+([.][0-9]+){3}");

  private static final int MAX_AFFINITY_SECONDS = 86400;
  private static final int DEFAULT_AFFINITY_SECONDS = 10800;
  private static final String V4 = "IPv4";
  private static final String V6 = "IPv6";

  private final ServiceAddresses taken;
  private final String owner;
  private final Section spec;
  private final Section before;
  private final String type;

  private ServiceForm(
      ServiceAddresses taken, String owner, Section root, Optional<Section> before) {
    this.taken = taken;
    this.owner = owner;
    if (!root.has("spec")) {
      throw root.wrong("spec", "it is missing");
    }
    this.spec = root.section("spec");
    this.before =
        before.orElseGet(() -> Section.root(new java.util.LinkedHashMap<>())).section("spec");
    this.type = spec.choice("type", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  }

  /**
   * Completes a Service in place.
   *
   * @param owner namespace/name
   * @param before what is stored under that name
   */
  static void complete(
      ServiceAddresses taken, String owner, Section root, Optional<Section> before) {
    var form = new ServiceForm(taken, owner, root, before);
    taken.forget(owner);
    try {
      form.fill(root);
    } catch (LabException e) {
      before.ifPresent(stored -> taken.take(owner, stored));
      throw e;
    }
    taken.take(owner, root);
  }

  private void fill(Section root) {
    spec.put("type", type);
    spec.labels("selector");
    spec.flag("publishNotReadyAddresses");
    affinity();
    if (type.equals("ExternalName")) {
      if (spec.text("externalName").orElse("").isEmpty()) {
        throw spec.wrong("externalName", "a service of this type needs it");
      }
      return;
    }
    policies();
    addresses();
    ports();
    for (int i = 0; i < spec.texts("externalIPs").size(); i++) {
      address("externalIPs[%d]".formatted(i), spec.texts("externalIPs").get(i));
    }
    for (int i = 0; i < spec.texts("loadBalancerSourceRanges").size(); i++) {
      range("loadBalancerSourceRanges[%d]".formatted(i), i);
    }
    balancer(root);
  }

  private boolean isExposed() {
    return type.equals("NodePort") || type.equals("LoadBalancer");
  }

  private void affinity() {
    boolean affine = spec.choice("sessionAffinity", "None", "ClientIP").equals("ClientIP");
    var client = spec.section("sessionAffinityConfig").section("clientIP");
    int seconds =
        client.number("timeoutSeconds", 1, MAX_AFFINITY_SECONDS).orElse(DEFAULT_AFFINITY_SECONDS);
    if (affine) {
      spec.put(
          "sessionAffinityConfig",
          java.util.Map.of("clientIP", java.util.Map.of("timeoutSeconds", seconds)));
    }
  }

  private void policies() {
    spec.put("internalTrafficPolicy", spec.choice("internalTrafficPolicy", "Cluster", "Local"));
    boolean given = spec.has("externalTrafficPolicy");
    var external = spec.choice("externalTrafficPolicy", "Cluster", "Local");
    if (given && !isExposed() && !spec.has("externalIPs")) {
      throw spec.wrong(
          "externalTrafficPolicy", "only services that are reached from outside have it");
    }
    if (isExposed()) {
      spec.put("externalTrafficPolicy", external);
    }
    if (spec.has("trafficDistribution")) {
      spec.choice("trafficDistribution", "PreferSameZone", "PreferClose", "PreferSameNode");
    }
  }

  private List<String> families(List<String> given) {
    var policy =
        spec.choice("ipFamilyPolicy", "SingleStack", "PreferDualStack", "RequireDualStack");
    var families = new ArrayList<>(spec.texts("ipFamilies"));
    for (var family : families) {
      if (!family.equals(V4) && !family.equals(V6)) {
        throw spec.wrong("ipFamilies", "'%s' is not one of IPv4, IPv6".formatted(family));
      }
    }
    if (families.isEmpty()) {
      given.forEach(ip -> families.add(ip.contains(":") ? V6 : V4));
    }
    if (families.isEmpty()) {
      families.add(V4);
    }
    if (!policy.equals("SingleStack") && families.size() == 1) {
      families.add(families.getFirst().equals(V4) ? V6 : V4);
    }
    if (policy.equals("SingleStack") && families.size() > 1) {
      if (spec.has("ipFamilyPolicy")) {
        throw spec.wrong("ipFamilies", "SingleStack allows one");
      }
      throw spec.wrong("ipFamilyPolicy", "two families need PreferDualStack or RequireDualStack");
    }
    spec.put("ipFamilyPolicy", policy);
    spec.put("ipFamilies", families);
    return families;
  }

  private void addresses() {
    var given = new ArrayList<>(spec.texts("clusterIPs"));
    var single = spec.text("clusterIP").orElse("");
    if (given.isEmpty() && !single.isEmpty()) {
      given.add(single);
    } else if (!single.isEmpty() && !given.getFirst().equals(single)) {
      throw spec.wrong("clusterIPs[0]", "it must be clusterIP, " + single);
    }
    if (given.isEmpty()) {
      given.addAll(before.texts("clusterIPs"));
    }
    if (given.contains("None")) {
      if (isExposed()) {
        throw spec.wrong("clusterIP", "None is for services of type ClusterIP");
      }
      families(List.of());
      spec.put("clusterIP", "None");
      spec.put("clusterIPs", List.of("None"));
      return;
    }
    var families = families(given);
    var chosen = new ArrayList<String>();
    for (var family : families) {
      boolean v4 = family.equals(V4);
      var own = given.stream().filter(ip -> ip.contains(":") != v4).findFirst();
      chosen.add(own.isPresent() ? checked(own.get()) : taken.freeAddress(v4));
    }
    spec.put("clusterIP", chosen.getFirst());
    spec.put("clusterIPs", chosen);
  }

  private String checked(String ip) {
    var address = address("clusterIPs", ip);
    if (!ServiceAddresses.inRange(address)) {
      throw spec.wrong("clusterIPs", "%s is not in %s".formatted(ip, ServiceAddresses.ranges()));
    }
    taken
        .owner(address)
        .ifPresent(other -> {
          throw spec.wrong("clusterIPs", "%s is taken by %s".formatted(ip, other));
        });
    return address.getHostAddress();
  }

  private InetAddress address(String field, String text) {
    try {
      if (text.contains(":") || FOUR_NUMBERS.matcher(text).matches()) {
        return InetAddress.ofLiteral(text);
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw spec.wrong(field, "'%s' is no address".formatted(text));
  }

  private void range(String field, int index) {
    var text = spec.texts("loadBalancerSourceRanges").get(index).strip();
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      throw spec.wrong(field, "'%s' is no CIDR".formatted(text));
    }
    var address = address(field, text.substring(0, slash));
    if (Integer.parseInt(text.substring(slash + 1)) > address.getAddress().length * 8) {
      throw spec.wrong(field, "'%s' is no CIDR".formatted(text));
    }
  }

  private void ports() {
    var ports = spec.sections("ports");
    boolean headless = spec.text("clusterIP").orElse("").equals("None");
    if (ports.isEmpty() && !headless) {
      throw spec.wrong("ports", "at least one is needed");
    }
    var names = new HashSet<String>();
    var numbers = new HashSet<String>();
    for (var port : ports) {
      var name = port.text("name").orElse("");
      if ((ports.size() > 1 || !name.isEmpty()) && !PORT_NAME.matcher(name).matches()) {
        throw port.wrong(
            "name", "of several ports each needs one, of lower-case letters, digits and dashes");
      }
      if (!names.add(name)) {
        throw port.wrong("name", "'%s' is there twice".formatted(name));
      }
      var protocol = port.choice("protocol", "TCP", "UDP", "SCTP");
      port.put("protocol", protocol);
      if (!port.has("port")) {
        throw port.wrong("port", "it is missing");
      }
      int number = port.number("port", 1, 65535).orElseThrow();
      if (!numbers.add(protocol + number)) {
        throw port.wrong("port", "%s %d is there twice".formatted(protocol, number));
      }
      target(port, number);
      nodePort(port, protocol, name);
    }
  }

  private static void target(Section port, int number) {
    var target = port.fields().get("targetPort");
    if (target == null) {
      port.put("targetPort", number);
    } else if (!(target instanceof String name)) {
      port.number("targetPort", 1, 65535);
    } else if (!PORT_NAME.matcher(name).matches()) {
      throw port.wrong("targetPort", "'%s' is neither a port nor the name of one".formatted(name));
    }
  }

  private void nodePort(Section port, String protocol, String name) {
    if (!isExposed()) {
      if (port.number("nodePort", 0, 65535).orElse(0) != 0) {
        throw port.wrong("nodePort", "services of type ClusterIP have none");
      }
      return;
    }
    boolean wanted =
        !type.equals("LoadBalancer") || spec.flag("allocateLoadBalancerNodePorts").orElse(true);
    int given = port.number("nodePort", 0, 65535).orElse(0);
    if (given == 0) {
      given = stored(protocol, name);
    }
    if (given == 0 && wanted) {
      given = taken.freePort(protocol);
    }
    if (given != 0) {
      claim(port, protocol, given);
    }
  }

  private void claim(Section port, String protocol, int number) {
    if (number < ServiceAddresses.FIRST_PORT || number > ServiceAddresses.LAST_PORT) {
      throw port.wrong(
          "nodePort",
          "%d is not from %d to %d"
              .formatted(number, ServiceAddresses.FIRST_PORT, ServiceAddresses.LAST_PORT));
    }
    taken
        .owner(protocol, number)
        .ifPresent(other -> {
          throw port.wrong("nodePort", "%s %d is taken by %s".formatted(protocol, number, other));
        });
    port.put("nodePort", number);
    taken.take(owner, protocol, number);
  }

  /** The node port that the port of this name has already. */
  private int stored(String protocol, String name) {
    return before.sections("ports").stream()
        .filter(port -> port.text("name").orElse("").equals(name))
        .filter(port -> port.text("protocol").orElse("").equals(protocol))
        .mapToInt(port -> port.number("nodePort", 0, 65535).orElse(0))
        .findFirst()
        .orElse(0);
  }

  /** Its health check's port, and the address that a cloud would give it when it asks for one. */
  private void balancer(Section root) {
    if (!type.equals("LoadBalancer")) {
      return;
    }
    if (spec.text("externalTrafficPolicy").orElse("").equals("Local")) {
      int given = spec.number("healthCheckNodePort", 0, 65535).orElse(0);
      if (given == 0) {
        given = before.number("healthCheckNodePort", 0, 65535).orElse(0);
      }
      if (given == 0) {
        given = taken.freePort("TCP");
      }
      spec.put("healthCheckNodePort", given);
    }
    var wanted = spec.text("loadBalancerIP").orElse("");
    if (!wanted.isEmpty()) {
      address("loadBalancerIP", wanted);
      root.put(
          "status",
          java.util.Map.of(
              "loadBalancer",
              java.util.Map.of("ingress", List.of(java.util.Map.of("ip", wanted)))));
    }
  }

  /** The families of a Service, in its order. */
  static List<String> families(Section service) {
    var families = service.section("spec").texts("ipFamilies");
    return families.isEmpty() ? List.of(V4) : families;
  }
}
