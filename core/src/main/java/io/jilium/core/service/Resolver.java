// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServicePort;
import io.jilium.core.model.TrafficPolicy;
import io.jilium.core.service.Frontend.Policy;
import io.jilium.core.service.ServiceState.Resolved;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One service with its slices, or one pod with its host ports, to frontends. */
final class Resolver {
  private static final String ALGORITHM = "service.cilium.io/lb-algorithm";
  private static final String TYPES = "service.cilium.io/type";
  private static final String RANGES = "service.cilium.io/src-ranges-policy";

  private final ServiceOptions options;
  private final NodeFacts facts;
  private final ServiceState state;
  private final Map<PortAddress, Frontend> frontends = new LinkedHashMap<>();
  private final Map<IpAddress, FrontendType> addresses = new HashMap<>();
  private final List<Backend> listed = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<BackendSet.Key, BackendSet> sets = new HashMap<>();

  private Resolver(ServiceOptions options, NodeFacts facts, ServiceState state) {
    this.options = options;
    this.facts = facts;
    this.state = state;
  }

  static Resolved resolve(ServiceOptions options, NodeFacts facts, ServiceState state) {
    var resolver = new Resolver(options, facts, state);
    state.service.filter(service -> whyNot(service, options).isEmpty()).ifPresent(resolver::all);
    state.hostPorts.forEach(resolver::hostPort);
    return new Resolved(
        resolver.frontends,
        Map.copyOf(resolver.addresses),
        List.copyOf(resolver.listed),
        List.copyOf(resolver.problems));
  }

  /** Why a service is left alone; empty if it is not. */
  static String whyNot(Service service, ServiceOptions options) {
    if (service.type() == Service.Type.EXTERNAL_NAME) {
      return "it is an ExternalName";
    }
    if (service.clusterIps().isEmpty()) {
      return "it is headless";
    }
    if (service.marks().headless()) {
      return "it is labelled service.kubernetes.io/headless";
    }
    if (!service.marks().proxyName().equals(options.proxyName())) {
      return service.marks().proxyName().isEmpty()
          ? "it is not labelled service.kubernetes.io/service-proxy-name=" + options.proxyName()
          : "it is left to the proxy named " + service.marks().proxyName();
    }
    return "";
  }

  private void all(Service service) {
    state.slices.values().forEach(slice -> Weight.problem(slice).ifPresent(this::problem));
    for (boolean v4 : new boolean[] {true, false}) {
      var address = service.clusterIp(v4);
      if (address.isPresent()) {
        service.ports().forEach(port -> port(service, port, address.get()));
        wholeAddresses(service, v4);
      }
    }
  }

  private void wholeAddresses(Service service, boolean v4) {
    if (exposes(service, FrontendType.CLUSTER_IP)) {
      service.clusterIp(v4).ifPresent(ip -> addresses.put(ip, FrontendType.CLUSTER_IP));
    }
    if (exposes(service, FrontendType.LOAD_BALANCER)) {
      for (var ip : service.exposure().loadBalancerIps()) {
        if (ip.isV4() == v4 && !facts.nodeAddresses().contains(ip)) {
          addresses.putIfAbsent(ip, FrontendType.LOAD_BALANCER);
        }
      }
    }
  }

  /** What one port of a service leads to. */
  private final class PortSets {
    final Service service;
    final ServicePort port;
    final boolean v4;
    final Selection selection;

    PortSets(Service service, ServicePort port, boolean v4) {
      this.service = service;
      this.port = port;
      this.v4 = v4;
      this.selection = selection(port, v4);
    }

    BackendSet set(Scope scope, Algorithm algorithm) {
      var key =
          new BackendSet.Key(
              service.id(), port.name(), port.protocol(), port.port(), v4, scope, algorithm);
      return sets.computeIfAbsent(
          key,
          missing ->
              new BackendSet(missing, selection.usable(scope), selection.choice(scope), algorithm));
    }

    void add(FrontendType type, IpAddress address, int number) {
      if (!exposes(service, type)) {
        return;
      }
      boolean external = type != FrontendType.CLUSTER_IP;
      var inside = set(insideScope(service, type), Algorithm.RANDOM);
      var outside = external ? set(outsideScope(service), algorithm(service)) : inside;
      var ranged = type == FrontendType.LOAD_BALANCER;
      put(
          new Frontend(
              new PortAddress(address, number, port.protocol()),
              type,
              service.id(),
              port.name(),
              inside,
              outside,
              new Policy(
                  service.traffic().internal(),
                  external ? service.traffic().external() : TrafficPolicy.CLUSTER,
                  service.traffic().affinitySeconds(),
                  ranged ? service.exposure().sourceRanges() : List.of(),
                  ranged && "deny".equals(service.annotations().get(RANGES)),
                  external || options.externalClusterIp())));
    }
  }

  private Selection selection(ServicePort port, boolean v4) {
    return Selection.of(
        state.slices.values(),
        new Selection.Port(port.name(), port.protocol(), v4),
        facts,
        options.topology());
  }

  /** Traffic of pods and nodes to an external address goes to all endpoints, as it does there. */
  private static Scope insideScope(Service service, FrontendType type) {
    return type == FrontendType.CLUSTER_IP && service.traffic().internal() == TrafficPolicy.LOCAL
        ? Scope.LOCAL
        : Scope.CLUSTER;
  }

  private static Scope outsideScope(Service service) {
    return service.traffic().external() == TrafficPolicy.LOCAL ? Scope.LOCAL : Scope.CLUSTER;
  }

  private void port(Service service, ServicePort port, IpAddress clusterIp) {
    boolean v4 = clusterIp.isV4();
    var of = new PortSets(service, port, v4);
    listed.addAll(of.selection.listed());
    of.add(FrontendType.CLUSTER_IP, clusterIp, port.port());
    for (var ip : service.exposure().loadBalancerIps()) {
      if (ip.isV4() == v4) {
        of.add(FrontendType.LOAD_BALANCER, ip, port.port());
      }
    }
    for (var ip : service.exposure().externalIps()) {
      if (ip.isV4() == v4) {
        of.add(FrontendType.EXTERNAL_IPS, ip, port.port());
      }
    }
    if (port.nodePort() != 0) {
      of.add(
          FrontendType.NODE_PORT,
          PortAddress.anyAddress(v4, 0, port.protocol()).address(),
          port.nodePort());
    }
  }

  private Algorithm algorithm(Service service) {
    var wanted = service.annotations().get(ALGORITHM);
    if (wanted == null) {
      return options.algorithm();
    }
    return Algorithm.named(wanted)
        .orElseGet(() -> {
          problem(ALGORITHM + "=" + wanted + ": random or maglev is expected");
          return options.algorithm();
        });
  }

  private static boolean exposes(Service service, FrontendType type) {
    var types = service.annotations().get(TYPES);
    return types == null
        || types.isBlank()
        || List.of(types.strip().split("\\s*,\\s*", -1)).contains(type.text());
  }

  private void hostPort(HostPort hostPort) {
    var listen = hostPort.listen();
    var backend =
        new Backend(
            new PortAddress(hostPort.pod(), hostPort.podPort(), listen.protocol()),
            BackendState.ACTIVE,
            facts.name(),
            facts.zone(),
            EndpointSlice.Hints.NONE,
            Weight.DEFAULT);
    var key =
        new BackendSet.Key(
            state.owner.name(),
            listen.address().toString(),
            listen.protocol(),
            listen.port(),
            listen.address().isV4(),
            Scope.LOCAL,
            Algorithm.RANDOM);
    var set = new BackendSet(key, List.of(backend), Choice.BALANCE, Algorithm.RANDOM);
    listed.add(backend);
    put(
        new Frontend(
            listen,
            FrontendType.HOST_PORT,
            state.owner.name(),
            "",
            set,
            set,
            new Policy(TrafficPolicy.CLUSTER, TrafficPolicy.LOCAL, 0, List.of(), false, true)));
  }

  private void put(Frontend frontend) {
    var before = frontends.putIfAbsent(frontend.address(), frontend);
    if (before != null && !before.port().equals(frontend.port())) {
      problem(
          "%s is wanted by its ports %s and %s; the first one has it"
              .formatted(frontend.address(), before.port(), frontend.port()));
    }
  }

  private void problem(String text) {
    if (!problems.contains(text)) {
      problems.add(text);
    }
  }

  /** Why each endpoint behind a frontend is or is not chosen. */
  static List<Explanation.Candidate> candidates(
      ServiceOptions options,
      NodeFacts facts,
      ServiceState state,
      Frontend frontend,
      boolean from) {
    var set = frontend.backends(from);
    if (state.service.isEmpty()) {
      return set.usable().stream().map(b -> new Explanation.Candidate(b, "")).toList();
    }
    var port = new Selection.Port(set.key().port(), set.key().protocol(), set.key().v4());
    var selection = Selection.of(state.slices.values(), port, facts, options.topology());
    return selection.listed().stream()
        .map(b -> new Explanation.Candidate(b, selection.whyNot(b, set.key().scope())))
        .toList();
  }
}
