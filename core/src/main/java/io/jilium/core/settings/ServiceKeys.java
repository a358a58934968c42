// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.settings.ServiceSettings.Acceleration;
import io.jilium.core.settings.ServiceSettings.Dispatch;
import io.jilium.core.settings.ServiceSettings.Mode;
import io.jilium.core.settings.ServiceSettings.NoBackend;
import io.jilium.core.settings.ServiceSettings.Selection;
import java.util.List;
import java.util.Optional;

/** The settings of services, beside the others of {@link Keys}. */
final class ServiceKeys {
  static final Key<Boolean> SOCKETS =
      Keys.key(
          "socketLB.enabled",
          "bpf-lb-sock",
          Kind.BOOL,
          false,
          "connections of pods and nodes to services go straight to a backend");
  static final Key<Boolean> HOST_SOCKETS =
      Keys.key(
          "socketLB.hostNamespaceOnly",
          "bpf-lb-sock-hostns-only",
          Kind.BOOL,
          false,
          "of these only connections of nodes");
  static final Key<Selection> ALGORITHM =
      Keys.key(
          "loadBalancer.algorithm",
          "bpf-lb-algorithm",
          Kind.choice(Selection.class, Selection::text),
          Selection.RANDOM,
          "how nodes choose a backend for connections from outside");
  static final Key<Mode> MODE =
      Keys.key(
          "loadBalancer.mode",
          "bpf-lb-mode",
          Kind.choice(Mode.class, Mode::text),
          Mode.SNAT,
          "how clients from outside are answered by backends of other nodes: snat by the node that they asked, dsr straight"
              + " by the backend's node, hybrid straight for TCP");
  static final Key<Dispatch> DISPATCH =
      Keys.key(
          "loadBalancer.dsrDispatch",
          "bpf-lb-dsr-dispatch",
          Kind.choice(Dispatch.class, Dispatch::text),
          Dispatch.OPT,
          "how the backend's node is told of the service: opt in an option of the packet's IP header, ipip in a packet inside"
              + " another one, where routers between nodes drop options");
  static final Key<Acceleration> ACCELERATION =
      Keys.key(
          "loadBalancer.acceleration",
          "bpf-lb-acceleration",
          Kind.choice(Acceleration.class, Acceleration::text),
          Acceleration.DISABLED,
          "connections from outside go on to other nodes before the stack sees their packets (XDP): native where the driver can"
              + " or not at all, best-effort where it can, testing-only on any device, without being faster");
  static final Key<Boolean> TOPOLOGY =
      Keys.key(
          "loadBalancer.serviceTopology",
          "enable-service-topology",
          Kind.BOOL,
          true,
          "follow hints of zones and nodes, as Kubernetes expects");
  static final Key<Integer> MAGLEV_SIZE =
      Keys.key(
          "maglev.tableSize",
          "bpf-lb-maglev-table-size",
          Kind.number(251, 131071),
          16381,
          "entries of a table, a prime of at least 100 times the backends of a service");
  static final Key<String> MAGLEV_SEED =
      Keys.key(
          "maglev.hashSeed",
          "bpf-lb-maglev-hash-seed",
          Kind.TEXT,
          "JLfvgnHc2kaSUFaI",
          "what all nodes compute their tables with");
  static final Key<List<IpPrefix>> NODE_PORT_ADDRESSES =
      Keys.key(
          "nodePort.addresses",
          "nodeport-addresses",
          Kind.CIDRS,
          List.of(),
          "addresses of nodes that serve node ports; empty = all");
  static final Key<Boolean> BIND_PROTECTION =
      Keys.key(
          "nodePort.bindProtection",
          "node-port-bind-protection",
          Kind.BOOL,
          true,
          "no program of a node takes the port of a service");
  static final Key<NoBackend> NO_BACKEND =
      Keys.key(
          "serviceNoBackendResponse",
          "service-no-backend-response",
          Kind.choice(NoBackend.class, NoBackend::text),
          NoBackend.REJECT,
          "what a client of a service without backends gets");
  static final Key<Integer> MAP_MAX =
      Keys.key(
          "bpf.lbMapMax",
          "bpf-lb-map-max",
          Kind.number(256, 1 << 20),
          1 << 16,
          "addresses and ports of services that a node can hold, with four backends each");
  static final Key<Integer> MAP_LIMIT =
      Keys.key(
          "jilium.lbMapLimit",
          "jilium-lb-map-limit",
          Kind.number(0, 1 << 20),
          1 << 20,
          "bpf.lbMapMax that an agent goes up to when its maps are full; below that it does not");
  static final Key<Boolean> EXTERNAL_CLUSTER_IP =
      Keys.key(
          "bpf.lbExternalClusterIP",
          "bpf-lb-external-clusterip",
          Kind.BOOL,
          false,
          "cluster addresses serve the outside too");
  static final Key<String> PROXY_NAME =
      Keys.key(
          "k8s.serviceProxyName",
          "k8s-service-proxy-name",
          Kind.TEXT,
          "",
          "services of this service-proxy-name only; empty = those without one");

  static final Key<Optional<ServiceSettings.Listen>> HEALTHZ =
      Keys.key(
          "kubeProxyReplacementHealthzBindAddr",
          "kube-proxy-replacement-healthz-bind-address",
          Kind.LISTEN,
          Optional.of(new ServiceSettings.Listen(IpAddress.v4(0), 10256)),
          "where an agent that replaces kube-proxy answers /healthz as kube-proxy does; empty = nowhere");

  private ServiceKeys() {}

  /** Whoever wants to know all keys has these made. */
  static void known() {}
}
