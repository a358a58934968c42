// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A pod of the lab: a network namespace that was given to the CNI plugin.
 *
 * @param containerId what the runtime calls its sandbox
 * @param addresses as the plugin returned them, without prefix length; empty until then
 * @param ports what it serves, for example web:tcp/80, and at which ports of its node
 * @param ready whether it is a ready endpoint of its services
 * @param terminating it will be removed, and serves until then
 */
record Pod(
    String namespace,
    String name,
    String node,
    String containerId,
    String uid,
    Map<String, String> labels,
    List<Port> ports,
    List<String> addresses,
    boolean ready,
    boolean terminating) {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  Pod {
    requireDnsLabel("pod name", name);
    requireDnsLabel("namespace", namespace);
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
    addresses = List.copyOf(addresses);
  }

  /**
   * @param protocol tcp or udp
   * @param hostPort of its node, 0 for none
   * @param hostIp which address of its node; empty for all
   */
  record Port(String name, String protocol, int number, int hostPort, String hostIp) {
    private static final Pattern SHAPE =
        Pattern.compile(
            "(?:([a-z0-9][-a-z0-9]*):)?(tcp|udp)/([0-9]{1,5})"
                + "(?:@(?:([0-9]+(?:[.][0-9]+){3}|\\[[0-9a-f:]+]):)?([0-9]{1,5}))?");

    static Port parse(String text) {
      var match = SHAPE.matcher(text);
      if (!match.matches()) {
        throw new LabException(
            "--port '%s': write [name:]tcp/80 or [name:]udp/53, with @[address:]8080 for a host port"
                .formatted(text));
      }
      return new Port(
          match.group(1) == null ? "" : match.group(1),
          match.group(2),
          number(text, match.group(3)),
          match.group(5) == null ? 0 : number(text, match.group(5)),
          match.group(4) == null ? "" : address(text, match.group(4)));
    }

    private static int number(String text, String digits) {
      int number = Integer.parseInt(digits);
      if (number < 1 || number > 65535) {
        throw new LabException("--port '%s': the number must be 1 to 65535".formatted(text));
      }
      return number;
    }

    private static String address(String text, String written) {
      var literal = written.replaceAll("[\\[\\]]", "");
      try {
        return InetAddress.ofLiteral(literal).getHostAddress();
      } catch (IllegalArgumentException e) {
        throw new LabException("--port '%s': '%s' is no address".formatted(text, literal), e);
      }
    }

    /** As its server is told. */
    String served() {
      return protocol + "/" + number;
    }
  }

  Pod withAddresses(List<String> given) {
    return new Pod(
        namespace, name, node, containerId, uid, labels, ports, given, ready, terminating);
  }

  Pod withReady(boolean now) {
    return new Pod(
        namespace, name, node, containerId, uid, labels, ports, addresses, now, terminating);
  }

  Pod asTerminating() {
    return new Pod(namespace, name, node, containerId, uid, labels, ports, addresses, ready, true);
  }

  private static void requireDnsLabel(String what, String value) {
    if (!DNS_LABEL.matcher(value).matches()) {
      throw new LabException(
          "%s '%s': use 1 to 63 lower-case letters, digits and dashes (RFC 1123)"
              .formatted(what, value));
    }
  }
}
