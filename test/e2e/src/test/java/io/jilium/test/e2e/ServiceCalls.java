// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Clients of services in a lab: who answers them, and how they fail. A client to whom nobody
 * answers gives up for good: the attempts that are left would only wait as long.
 */
final class ServiceCalls {
  private static final String HTTP =
      """
      import http.client, sys
      address, port = sys.argv[1], int(sys.argv[2])
      for i in range(int(sys.argv[3])):
          try:
              c = http.client.HTTPConnection(address, port, timeout=2)
              c.request('GET', '/')
              print(c.getresponse().read().decode().strip())
              c.close()
          except OSError as e:
              print(type(e).__name__)
              if isinstance(e, TimeoutError): break
      """;
  private static final String UDP =
      """
      import socket, sys
      address, port = sys.argv[1], int(sys.argv[2])
      family = socket.AF_INET6 if ':' in address else socket.AF_INET
      for i in range(int(sys.argv[3])):
          s = socket.socket(family, socket.SOCK_DGRAM)
          s.settimeout(2)
          try:
              s.connect((address, port))
              s.send(b'hostname')
              print(s.recv(100).decode())
          except OSError as e:
              print(type(e).__name__)
              if isinstance(e, TimeoutError): break
          s.close()
      """;

  private final Lab lab;

  ServiceCalls(Lab lab) {
    this.lab = lab;
  }

  /** The lines that HTTP servers answered, one per connection, or the errors' names. */
  List<String> http(String from, String address, int port, int count) {
    return run(HTTP, from, address, port, count);
  }

  /** Who answered HTTP, and how often. */
  Map<String, Integer> servers(String from, String address, int port, int count) {
    return counts(http(from, address, port, count));
  }

  /** Who answered datagrams of connected sockets, one each, and how often. */
  Map<String, Integer> datagrams(String from, String address, int port, int count) {
    return counts(run(UDP, from, address, port, count));
  }

  private List<String> run(String script, String from, String address, int port, int count) {
    return lab.exec(
            from, "python3", "-c", script, address, Integer.toString(port), Integer.toString(count))
        .lines()
        .toList();
  }

  private static Map<String, Integer> counts(List<String> lines) {
    var counts = new TreeMap<String, Integer>();
    lines.forEach(line -> counts.merge(line.split(" ", -1)[0], 1, Integer::sum));
    return counts;
  }

  /** Asks until every answer is one of these, and all of them came; a change takes its time. */
  static void await(Supplier<Map<String, Integer>> ask, String... servers) {
    var end = Instant.now().plus(Duration.ofSeconds(10));
    var seen = ask.get();
    while (!List.copyOf(seen.keySet()).equals(List.of(servers)) && Instant.now().isBefore(end)) {
      seen = ask.get();
    }
    assertThat(seen).containsOnlyKeys(servers);
  }

  /** A Service as YAML; options are lines of its spec. */
  static String service(String name, String... options) {
    var lines = new ArrayList<>(List.of("apiVersion: v1", "kind: Service"));
    lines.add("metadata: {name: %s}".formatted(name));
    lines.add("spec:");
    lines.add("  selector: {app: %s}".formatted(name));
    for (var option : options) {
      lines.add("  " + option);
    }
    return String.join("\n", lines) + "\n";
  }

  /** A slice of one endpoint, as somebody writes it by hand. */
  static String slice(String service, String address, int port, String node) {
    return """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: %1$s-by-hand-%5$s, labels: {kubernetes.io/service-name: %1$s}}
    addressType: %6$s
    ports: [{port: %3$d, protocol: TCP, name: ""}]
    endpoints: [{addresses: ["%2$s"], nodeName: %4$s}]
    """
        .formatted(
            service,
            address,
            port,
            node,
            node + (address.contains(":") ? "-v6" : "-v4"),
            address.contains(":") ? "IPv6" : "IPv4");
  }
}
