// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import io.jilium.core.model.TrafficPolicy;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What Kubernetes says becomes of one connection, found anew for each question by going through
 * everything: "Virtual IPs and Service Proxies", "Service Internal Traffic Policy", "Topology Aware
 * Routing" and the API reference of Service and EndpointSlice; slices of weight 0 are Cilium's.
 * Shares no code with what it judges.
 */
public final class ServiceOracle {
  final Map<ServiceName, Service> services = new TreeMap<>();
  final Map<ServiceName, EndpointSlice> slices = new TreeMap<>();
  String node = "node-1";
  String zone = "";
  Set<IpAddress> nodeAddresses = Set.of();

  /** balanced: the addresses that may be chosen; else the word for what happens. */
  public record Answer(String word, Set<String> balanced) {
    static Answer of(String word) {
      return new Answer(word, Set.of());
    }
  }

  private enum Via {
    CLUSTER_IP,
    BALANCER,
    EXTERNAL_IP,
    NODE_PORT
  }

  private record Match(Service service, ServicePort port, Via via) {}

  /** from: empty for pods and nodes of the cluster. */
  public Answer connect(IpAddress to, int port, Protocol protocol, Optional<IpAddress> from) {
    var match = find(to, port, protocol);
    if (match.isEmpty()) {
      return unknownPort(to, from);
    }
    var service = match.get().service;
    if (from.isPresent() && match.get().via == Via.CLUSTER_IP) {
      return Answer.of("DROP");
    }
    if (from.isPresent()
        && match.get().via == Via.BALANCER
        && !service.exposure().sourceRanges().isEmpty()
        && service.exposure().sourceRanges().stream().noneMatch(r -> r.contains(from.get()))) {
      return Answer.of("DROP");
    }
    boolean local =
        match.get().via == Via.CLUSTER_IP
            ? service.traffic().internal() == TrafficPolicy.LOCAL
            : from.isPresent() && service.traffic().external() == TrafficPolicy.LOCAL;
    var everywhere = chosen(service, match.get().port, to.isV4(), false);
    var here = chosen(service, match.get().port, to.isV4(), true);
    if (everywhere.isEmpty()) {
      return Answer.of("REJECT");
    }
    if (!local) {
      return new Answer("BALANCE", everywhere);
    }
    return here.isEmpty() ? Answer.of("DROP") : new Answer("BALANCE", here);
  }

  private Answer unknownPort(IpAddress to, Optional<IpAddress> from) {
    if (proxied().anyMatch(service -> service.clusterIps().contains(to))) {
      return Answer.of("REJECT");
    }
    boolean balancer =
        proxied()
            .anyMatch(service ->
                service.exposure().loadBalancerIps().contains(to)
                    && service.clusterIp(to.isV4()).isPresent());
    return Answer.of(balancer && from.isPresent() && !nodeAddresses.contains(to) ? "DROP" : "PASS");
  }

  private Stream<Service> proxied() {
    return services.values().stream()
        .filter(service -> service.type() != Service.Type.EXTERNAL_NAME)
        .filter(service -> !service.clusterIps().isEmpty())
        .filter(service -> !service.marks().headless() && service.marks().proxyName().isEmpty());
  }

  private Optional<Match> find(IpAddress to, int number, Protocol protocol) {
    var exact = oldest(to, number, protocol, Set.of(Via.CLUSTER_IP, Via.BALANCER, Via.EXTERNAL_IP));
    return exact.isPresent() || !nodeAddresses.contains(to)
        ? exact
        : oldest(to, number, protocol, Set.of(Via.NODE_PORT));
  }

  private Optional<Match> oldest(IpAddress to, int number, Protocol protocol, Set<Via> vias) {
    return proxied()
        .filter(service -> service.clusterIp(to.isV4()).isPresent())
        .flatMap(service ->
            service.ports().stream()
                .filter(port -> port.protocol() == protocol)
                .flatMap(port ->
                    vias.stream()
                        .filter(via -> reaches(service, port, via, to, number))
                        .map(via -> new Match(service, port, via))))
        .min(
            Comparator.comparingLong((Match match) -> age(match.service))
                .thenComparing(match -> match.service.id())
                .thenComparingInt(match -> match.service.ports().indexOf(match.port))
                .thenComparing(match -> match.via));
  }

  private static long age(Service service) {
    return service.created() == 0 ? Long.MAX_VALUE : service.created();
  }

  private static boolean reaches(
      Service service, ServicePort port, Via via, IpAddress to, int number) {
    return switch (via) {
      case CLUSTER_IP -> port.port() == number && service.clusterIps().contains(to);
      case BALANCER -> port.port() == number && service.exposure().loadBalancerIps().contains(to);
      case EXTERNAL_IP -> port.port() == number && service.exposure().externalIps().contains(to);
      case NODE_PORT -> number != 0 && port.nodePort() == number;
    };
  }

  private record Seen(
      String address, boolean ready, boolean lastResort, EndpointSlice.Endpoint of) {}

  private Set<String> chosen(Service service, ServicePort port, boolean v4, boolean hereOnly) {
    var all = seen(service, port, v4);
    var ready = all.values().stream().filter(Seen::ready).toList();
    var answer = new TreeSet<String>();
    boolean byNode =
        ready.stream().noneMatch(s -> s.of.hints().nodes().isEmpty())
            && ready.stream().anyMatch(s -> s.of.hints().nodes().contains(node));
    boolean byZone =
        !byNode
            && !zone.isEmpty()
            && ready.stream().noneMatch(s -> s.of.hints().zones().isEmpty())
            && ready.stream().anyMatch(s -> s.of.hints().zones().contains(zone));
    for (var s : ready) {
      boolean near =
          hereOnly
              ? s.of.node().equals(node)
              : byNode
                  ? s.of.hints().nodes().contains(node)
                  : !byZone || s.of.hints().zones().contains(zone);
      if (near) {
        answer.add(s.address);
      }
    }
    if (answer.isEmpty()) {
      for (var s : all.values()) {
        if (!s.ready && s.lastResort && (!hereOnly || s.of.node().equals(node))) {
          answer.add(s.address);
        }
      }
    }
    return answer;
  }

  /** One entry for each address, the best of its duplicates. */
  private Map<String, Seen> seen(Service service, ServicePort port, boolean v4) {
    var all = new TreeMap<String, Seen>();
    for (var slice : slices.values()) {
      if (!slice.service().equals(service.id().name())
          || !slice.id().namespace().equals(service.id().namespace())) {
        continue;
      }
      for (var target : slice.ports()) {
        if (!Objects.equals(target.name(), port.name()) || target.protocol() != port.protocol()) {
          continue;
        }
        for (var endpoint : slice.endpoints()) {
          for (var ip : endpoint.addresses()) {
            if (ip.isV4() == v4) {
              var c = endpoint.conditions();
              var name = ip + "|" + target.port();
              boolean weighs = !slice.weight().equals("0");
              var s =
                  new Seen(
                      name,
                      weighs && c.ready(),
                      weighs && c.serving() && c.terminating(),
                      endpoint);
              var known = all.get(name);
              if (known == null || rank(s) > rank(known)) {
                all.put(name, s);
              }
            }
          }
        }
      }
    }
    return all;
  }

  private static int rank(Seen s) {
    int drained = s.of.conditions().terminating() ? 1 : 0;
    return s.ready ? 3 : s.lastResort ? 2 : drained;
  }
}
