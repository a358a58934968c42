// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.settings.Settings.Encapsulation;
import io.jilium.core.settings.Settings.IpamMode;
import io.jilium.core.settings.Settings.MonitorAggregation;
import io.jilium.core.settings.Settings.RoutingMode;
import io.jilium.core.settings.Settings.TunnelProtocol;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Every setting there is. Names, meanings and defaults are those of Cilium's Helm chart, except
 * under jilium. Each has a second name, that of the agent's flag, under which the chart puts it
 * into the cluster's ConfigMap.
 */
final class Keys {
  private static final Map<String, Key<?>> BY_PATH = new TreeMap<>();
  private static final Map<String, Key<?>> BY_FLAG = new TreeMap<>();

  static final Key<String> CLUSTER_NAME =
      key("cluster.name", "cluster-name", Kind.TEXT, "default", "name of the cluster");
  static final Key<Integer> CLUSTER_ID =
      key(
          "cluster.id",
          "cluster-id",
          Kind.number(0, 511),
          0,
          "number of the cluster in a mesh, 0 outside one");
  static final Key<RoutingMode> ROUTING_MODE =
      key(
          "routingMode",
          "routing-mode",
          Kind.choice(RoutingMode.class, RoutingMode::text),
          RoutingMode.TUNNEL,
          "how packets get to other nodes");
  static final Key<TunnelProtocol> TUNNEL_PROTOCOL =
      key(
          "tunnelProtocol",
          "tunnel-protocol",
          Kind.choice(TunnelProtocol.class, TunnelProtocol::text),
          TunnelProtocol.VXLAN,
          "encapsulation in tunnel mode");
  static final Key<Integer> TUNNEL_PORT =
      key(
          "tunnelPort",
          "tunnel-port",
          Kind.number(0, 65535),
          0,
          "UDP port of the tunnel, 0 = the protocol's own (VXLAN 8472)");
  static final Key<Boolean> AUTO_DIRECT_NODE_ROUTES =
      key(
          "autoDirectNodeRoutes",
          "auto-direct-node-routes",
          Kind.BOOL,
          false,
          "native: route pod CIDRs to nodes on the same network");
  static final Key<Optional<IpPrefix>> NATIVE_CIDR_V4 =
      key(
          "ipv4NativeRoutingCIDR",
          "ipv4-native-routing-cidr",
          Kind.CIDR_V4,
          Optional.empty(),
          "native: not masqueraded towards this range");
  static final Key<Optional<IpPrefix>> NATIVE_CIDR_V6 =
      key(
          "ipv6NativeRoutingCIDR",
          "ipv6-native-routing-cidr",
          Kind.CIDR_V6,
          Optional.empty(),
          "native: not masqueraded towards this range");
  static final Key<IpamMode> IPAM_MODE =
      key(
          "ipam.mode",
          "ipam",
          Kind.choice(IpamMode.class, IpamMode::text),
          IpamMode.CLUSTER_POOL,
          "who gives a node its pod CIDRs");
  static final Key<List<IpPrefix>> POOL_V4 =
      key(
          "ipam.operator.clusterPoolIPv4PodCIDRList",
          "cluster-pool-ipv4-cidr",
          Kind.CIDRS_V4,
          List.of(IpPrefix.parse("10.0.0.0/8")),
          "IPv4 ranges from which nodes get theirs");
  static final Key<Integer> POOL_V4_MASK =
      key(
          "ipam.operator.clusterPoolIPv4MaskSize",
          "cluster-pool-ipv4-mask-size",
          Kind.number(1, 32),
          24,
          "prefix length of a node's IPv4 range");
  static final Key<List<IpPrefix>> POOL_V6 =
      key(
          "ipam.operator.clusterPoolIPv6PodCIDRList",
          "cluster-pool-ipv6-cidr",
          Kind.CIDRS_V6,
          List.of(IpPrefix.parse("fd00::/104")),
          "IPv6 ranges from which nodes get theirs");
  static final Key<Integer> POOL_V6_MASK =
      key(
          "ipam.operator.clusterPoolIPv6MaskSize",
          "cluster-pool-ipv6-mask-size",
          Kind.number(1, 128),
          120,
          "prefix length of a node's IPv6 range");
  static final Key<Boolean> IPV4 =
      key("ipv4.enabled", "enable-ipv4", Kind.BOOL, true, "pods have IPv4");
  static final Key<Boolean> IPV6 =
      key("ipv6.enabled", "enable-ipv6", Kind.BOOL, false, "pods have IPv6");
  static final Key<Boolean> MASQUERADE_V4 =
      key(
          "enableIPv4Masquerade",
          "enable-ipv4-masquerade",
          Kind.BOOL,
          true,
          "IPv4 to the world leaves with the node's address");
  static final Key<Boolean> MASQUERADE_V6 =
      key(
          "enableIPv6Masquerade",
          "enable-ipv6-masquerade",
          Kind.BOOL,
          true,
          "IPv6 to the world leaves with the node's address");
  static final Key<Boolean> BPF_MASQUERADE =
      key(
          "bpf.masquerade",
          "enable-bpf-masquerade",
          Kind.BOOL,
          true,
          "masquerade in eBPF; there is no other way here");
  static final Key<Optional<Boolean>> HOST_LEGACY_ROUTING =
      key(
          "bpf.hostLegacyRouting",
          "enable-host-legacy-routing",
          Kind.BOOL_OR_AUTO,
          Optional.empty(),
          "what is not for a pod goes by the node's stack and its netfilter; auto = beside kube-proxy");
  static final Key<Integer> CT_TCP_MAX =
      key(
          "bpf.ctTcpMax",
          "bpf-ct-global-tcp-max",
          Kind.number(0, 1 << 24),
          0,
          "TCP flows a node can hold, 0 = by bpf.mapDynamicSizeRatio");
  static final Key<Integer> CT_ANY_MAX =
      key(
          "bpf.ctAnyMax",
          "bpf-ct-global-any-max",
          Kind.number(0, 1 << 24),
          0,
          "other flows a node can hold, 0 = by bpf.mapDynamicSizeRatio");
  static final Key<Double> MAP_DYNAMIC_SIZE_RATIO =
      key(
          "bpf.mapDynamicSizeRatio",
          "bpf-map-dynamic-size-ratio",
          Kind.fraction(),
          0.0025,
          "part of the node's memory for flows, where no number is set");
  static final Key<Integer> NAT_MAX =
      key(
          "bpf.natMax",
          "bpf-nat-global-max",
          Kind.number(1024, 1 << 24),
          1 << 19,
          "source translations a node can hold");
  static final Key<Integer> POLICY_MAP_MAX =
      key(
          "bpf.policyMapMax",
          "bpf-policy-map-max",
          Kind.number(256, 65536),
          16384,
          "policy entries of an endpoint");
  static final Key<MonitorAggregation> MONITOR_AGGREGATION =
      key(
          "bpf.monitorAggregation",
          "monitor-aggregation",
          Kind.choice(MonitorAggregation.class, MonitorAggregation::text),
          MonitorAggregation.MEDIUM,
          "how many trace events of a flow are kept back");
  static final Key<Duration> MONITOR_INTERVAL =
      key(
          "bpf.monitorInterval",
          "monitor-aggregation-interval",
          Kind.DURATION,
          Duration.ofSeconds(5),
          "pause between trace events of a flow");
  static final Key<List<String>> MONITOR_FLAGS =
      key(
          "bpf.monitorFlags",
          "monitor-aggregation-flags",
          Kind.TEXTS,
          List.of("all"),
          "TCP flags whose first packet is always traced");
  static final Key<String> BPF_ROOT =
      key("bpf.root", "bpf-root", Kind.TEXT, "/sys/fs/bpf", "where bpffs is mounted");
  static final Key<String> CGROUP_ROOT =
      key(
          "cgroup.hostRoot",
          "cgroup-root",
          Kind.TEXT,
          "/sys/fs/cgroup",
          "where cgroup2 is mounted");
  static final Key<Boolean> CNI_EXCLUSIVE =
      key(
          "cni.exclusive",
          "cni-exclusive",
          Kind.BOOL,
          true,
          "set other networks' CNI configurations of the node aside");
  static final Key<Boolean> KUBE_PROXY_REPLACEMENT =
      key(
          "kubeProxyReplacement",
          "kube-proxy-replacement",
          Kind.BOOL,
          false,
          "balance services in eBPF");
  static final Key<List<String>> DEVICES =
      key(
          "devices",
          "devices",
          Kind.TEXTS,
          List.of(),
          "devices towards other nodes and the world; empty = found by routes");
  static final Key<Integer> MTU =
      key("MTU", "mtu", Kind.number(0, 65535), 0, "MTU of the underlay, 0 = the device's");
  static final Key<Boolean> HEALTH_CHECKING =
      key("healthChecking", "enable-health-checking", Kind.BOOL, true, "probe the other nodes");
  static final Key<Boolean> ENDPOINT_HEALTH_CHECKING =
      key(
          "endpointHealthChecking.enabled",
          "enable-endpoint-health-checking",
          Kind.BOOL,
          true,
          "probe the health endpoints of the other nodes");
  static final Key<Integer> HEALTH_PORT =
      key(
          "healthPort",
          "agent-health-port",
          Kind.number(1, 65535),
          9879,
          "port of the agent's healthz");
  static final Key<Boolean> ENDPOINT_SLICES =
      key(
          "ciliumEndpointSlice.enabled",
          "enable-cilium-endpoint-slice",
          Kind.BOOL,
          false,
          "agents learn of other nodes' pods by slices instead of one by one");
  static final Key<Boolean> HUBBLE =
      key("hubble.enabled", "enable-hubble", Kind.BOOL, true, "keep and serve flows");
  static final Key<Boolean> PROMETHEUS =
      key(
          "prometheus.enabled",
          "prometheus-enabled",
          Kind.BOOL,
          false,
          "serve the agent's metrics");
  static final Key<Integer> PROMETHEUS_PORT =
      key(
          "prometheus.port",
          "prometheus-port",
          Kind.number(1, 65535),
          9962,
          "port of the agent's metrics");
  static final Key<Boolean> OPERATOR_PROMETHEUS =
      key(
          "operator.prometheus.enabled",
          "operator-prometheus-enabled",
          Kind.BOOL,
          true,
          "serve the operator's metrics");
  static final Key<Integer> OPERATOR_PROMETHEUS_PORT =
      key(
          "operator.prometheus.port",
          "operator-prometheus-port",
          Kind.number(1, 65535),
          9963,
          "port of the operator's metrics");
  static final Key<Duration> IDENTITY_GC_INTERVAL =
      key(
          "operator.identityGCInterval",
          "identity-gc-interval",
          Kind.DURATION,
          Duration.ofMinutes(15),
          "pause between identity collections");
  static final Key<Duration> IDENTITY_HEARTBEAT =
      key(
          "operator.identityHeartbeatTimeout",
          "identity-heartbeat-timeout",
          Kind.DURATION,
          Duration.ofMinutes(30),
          "how long an identity stays without a user");
  static final Key<Boolean> DEBUG = key("debug.enabled", "debug", Kind.BOOL, false, "log more");
  static final Key<String> K8S_HOST =
      key("k8sServiceHost", "k8s-service-host", Kind.TEXT, "", "host of the Kubernetes API server");
  static final Key<String> K8S_PORT =
      key("k8sServicePort", "k8s-service-port", Kind.TEXT, "", "port of the Kubernetes API server");
  static final Key<Encapsulation> ENCAPSULATION =
      key(
          "jilium.encapsulation",
          "jilium-encapsulation",
          Kind.choice(Encapsulation.class, Encapsulation::text),
          Encapsulation.AUTO,
          "who writes tunnel headers: the program, the device, or by need");
  static final Key<Duration> FLOW_REVALIDATION =
      key(
          "jilium.flowRevalidation",
          "jilium-flow-revalidation",
          Kind.DURATION,
          Duration.ofSeconds(10),
          "a flow is decided anew after this time");
  static final Key<Integer> CAPTURE_BYTES =
      key(
          "jilium.captureBytes",
          "jilium-capture-bytes",
          Kind.number(0, 128),
          128,
          "bytes of a packet in an event");
  static final Key<Integer> NAT_PORT_MIN =
      key(
          "jilium.natPortMin",
          "jilium-nat-port-min",
          Kind.number(1024, 65535),
          32768,
          "lowest port used to masquerade");
  static final Key<Integer> ENDPOINT_MAX =
      key(
          "jilium.endpointMax",
          "jilium-endpoint-max",
          Kind.number(256, 1 << 20),
          1 << 16,
          "addresses of pods a node can hold");
  static final Key<Integer> IPCACHE_MAX =
      key(
          "jilium.ipcacheMax",
          "jilium-ipcache-max",
          Kind.number(1024, 1 << 24),
          512_000,
          "prefixes a node can know");
  static final Key<Integer> FRAGMENT_MAX =
      key(
          "jilium.fragmentMax",
          "jilium-fragment-max",
          Kind.number(256, 1 << 20),
          8192,
          "fragmented datagrams under way whose ports a node remembers");
  static final Key<Integer> NAT_PORT_MAX =
      key(
          "jilium.natPortMax",
          "jilium-nat-port-max",
          Kind.number(1024, 65535),
          65535,
          "highest port used to masquerade");
  static final Key<Duration> LEASE =
      key(
          "jilium.leaseDuration",
          "jilium-lease-duration",
          Kind.DURATION,
          Duration.ofMinutes(15),
          "a silent agent's keys stay this long");
  static final Key<Duration> NODE_GRACE =
      key(
          "jilium.nodeGracePeriod",
          "jilium-node-grace-period",
          Kind.DURATION,
          Duration.ofMinutes(5),
          "a gone node keeps its pod CIDR this long");

  private Keys() {}

  static <T> Key<T> key(String path, String flag, Kind<T> kind, T fallback, String meaning) {
    var key = new Key<>(path, flag, kind, fallback, meaning);
    BY_PATH.put(path, key);
    BY_FLAG.put(flag, key);
    return key;
  }

  /** By the name that agents know it by, sorted. */
  static Map<String, Key<?>> byFlag() {
    ServiceKeys.known();
    return Collections.unmodifiableMap(BY_FLAG);
  }

  /** By path, sorted. */
  static Map<String, Key<?>> byPath() {
    ServiceKeys.known();
    return Collections.unmodifiableMap(BY_PATH);
  }
}
