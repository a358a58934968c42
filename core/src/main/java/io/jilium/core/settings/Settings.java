// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import io.jilium.core.model.IpPrefix;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What people can set, checked and complete. Names, meanings and defaults are those of Cilium's
 * Helm chart; what only Jilium knows stands under {@code jilium}.
 *
 * @param devices names, a trailing {@code +} matches any rest; empty means that the agent finds
 *     them
 * @param mtu of the underlay; 0 means the device's own
 * @param endpointSlices whether agents learn of other nodes' pods by CiliumEndpointSlices
 * @param entries every setting as text
 * @param ignored flags that were given and change nothing here, one sentence each
 */
public record Settings(
    Cluster cluster,
    Routing routing,
    Ipam ipam,
    Families families,
    Masquerade masquerade,
    Bpf bpf,
    List<String> devices,
    int mtu,
    Health health,
    Cni cni,
    boolean hubbleEnabled,
    boolean kubeProxyReplacement,
    Metrics metrics,
    Operator operator,
    boolean debug,
    KubernetesApi kubernetesApi,
    boolean endpointSlices,
    ServiceSettings services,
    Own jilium,
    List<Entry> entries,
    List<String> ignored) {

  /** Outer IPv4, UDP and VXLAN headers and the inner Ethernet header. */
  public static final int TUNNEL_OVERHEAD = 50;

  /** How packets get to other nodes. */
  public enum RoutingMode {
    TUNNEL("tunnel"),
    NATIVE("native");

    private final String text;

    RoutingMode(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** Encapsulations. */
  public enum TunnelProtocol {
    VXLAN("vxlan", 8472),
    GENEVE("geneve", 6081);

    private final String text;
    private final int port;

    TunnelProtocol(String text, int port) {
      this.text = text;
      this.port = port;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }

    /** The usual UDP port. */
    public int port() {
      return port;
    }
  }

  /** Who gives a node its pod CIDRs. */
  public enum IpamMode {
    CLUSTER_POOL("cluster-pool"),
    KUBERNETES("kubernetes"),
    MULTI_POOL("multi-pool");

    private final String text;

    IpamMode(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** How many trace events are kept back; the level is Cilium's number. */
  public enum MonitorAggregation {
    NONE("none", 0),
    LOWEST("lowest", 1),
    LOW("low", 2),
    MEDIUM("medium", 3),
    MAXIMUM("maximum", 4);

    private final String text;
    private final int level;

    MonitorAggregation(String text, int level) {
      this.text = text;
      this.level = level;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }

    /** 0 hides nothing, 3 hides all but the first of a flow and interval. */
    public int level() {
      return level;
    }
  }

  /** Who writes the tunnel header. */
  public enum Encapsulation {
    AUTO("auto"),
    PROGRAM("program"),
    DEVICE("device");

    private final String text;

    Encapsulation(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** {@code cluster.name}, {@code cluster.id}. */
  public record Cluster(String name, int id) {}

  /**
   * {@code routingMode} and what belongs to it.
   *
   * @param tunnelPort never 0
   */
  public record Routing(
      RoutingMode mode,
      TunnelProtocol tunnelProtocol,
      int tunnelPort,
      boolean autoDirectNodeRoutes,
      Optional<IpPrefix> nativeCidrV4,
      Optional<IpPrefix> nativeCidrV6) {
    /** Whether packets between nodes are encapsulated. */
    public boolean isTunnel() {
      return mode == RoutingMode.TUNNEL;
    }
  }

  /** {@code ipam.mode} and the cluster pools. */
  public record Ipam(IpamMode mode, Pool v4, Pool v6) {}

  /** Ranges from which nodes get theirs, and the prefix length of a node's range. */
  public record Pool(List<IpPrefix> cidrs, int maskSize) {}

  /** {@code ipv4.enabled}, {@code ipv6.enabled}. */
  public record Families(boolean v4, boolean v6) {}

  /**
   * {@code enableIPv4Masquerade}, {@code enableIPv6Masquerade}; false also where the family is off.
   */
  public record Masquerade(boolean v4, boolean v6) {}

  /**
   * {@code bpf.*} and {@code cgroup.hostRoot}; a maximum of 0: by the ratio.
   *
   * @param hostLegacyRouting what is not for a pod goes by the node's stack; empty: as it is needed
   */
  public record Bpf(
      Optional<Boolean> hostLegacyRouting,
      int ctTcpMax,
      int ctAnyMax,
      double mapDynamicSizeRatio,
      int natMax,
      int policyMapMax,
      MonitorAggregation monitorAggregation,
      Duration monitorInterval,
      List<String> monitorFlags,
      String root,
      String cgroupRoot) {}

  /** {@code healthChecking}, {@code endpointHealthChecking.enabled}, {@code healthPort}. */
  public record Health(boolean nodes, boolean endpoints, int port) {}

  /** {@code cni.exclusive}. */
  public record Cni(boolean exclusive) {}

  /** {@code prometheus.*}. */
  public record Metrics(boolean enabled, int port) {}

  /** {@code operator.*}. */
  public record Operator(
      Metrics metrics, Duration identityGcInterval, Duration identityHeartbeatTimeout) {}

  /** {@code k8sServiceHost}, {@code k8sServicePort}; empty when not set. */
  public record KubernetesApi(String host, String port) {}

  /** {@code jilium.*}. */
  public record Own(
      Encapsulation encapsulation,
      Duration flowRevalidation,
      int captureBytes,
      int natPortMin,
      int natPortMax,
      int endpointMax,
      int ipcacheMax,
      int fragmentMax,
      Duration leaseDuration,
      Duration nodeGracePeriod) {}

  /** One setting as text; {@code set} tells that somebody set it. */
  public record Entry(String path, String value, boolean set, String meaning) {}

  /** All defaults. */
  public static Settings defaults() {
    return of(Map.of(), List.of());
  }

  /**
   * Reads a YAML tree and then {@code --set} strings, which win.
   *
   * @throws SettingsException naming everything that is wrong
   */
  public static Settings of(Map<?, ?> yaml, List<String> sets) {
    return of(List.of(), yaml, sets);
  }

  /**
   * Reads maps of flags ({@code routing-mode}), each of which wins over those before it, then a
   * YAML tree, then {@code --set} strings.
   *
   * @throws SettingsException naming everything that is wrong
   */
  public static Settings of(List<Map<String, String>> flags, Map<?, ?> yaml, List<String> sets) {
    var values = new Values();
    flags.forEach(values::addFlags);
    values.addTree(yaml);
    sets.forEach(values::addSet);
    values.readAll();
    if (values.problems().isEmpty()) {
      new Contradictions(values).check();
    }
    if (!values.problems().isEmpty()) {
      throw new SettingsException(values.problems());
    }
    return build(values);
  }

  private static Settings build(Values v) {
    TunnelProtocol protocol = v.get(Keys.TUNNEL_PROTOCOL);
    int tunnelPort = v.get(Keys.TUNNEL_PORT);
    boolean v4 = v.get(Keys.IPV4);
    boolean v6 = v.get(Keys.IPV6);
    return new Settings(
        new Cluster(v.get(Keys.CLUSTER_NAME), v.get(Keys.CLUSTER_ID)),
        new Routing(
            v.get(Keys.ROUTING_MODE),
            protocol,
            tunnelPort == 0 ? protocol.port() : tunnelPort,
            v.get(Keys.AUTO_DIRECT_NODE_ROUTES),
            v.get(Keys.NATIVE_CIDR_V4),
            v.get(Keys.NATIVE_CIDR_V6)),
        new Ipam(
            v.get(Keys.IPAM_MODE),
            new Pool(v.get(Keys.POOL_V4), v.get(Keys.POOL_V4_MASK)),
            new Pool(v.get(Keys.POOL_V6), v.get(Keys.POOL_V6_MASK))),
        new Families(v4, v6),
        new Masquerade(v4 && v.get(Keys.MASQUERADE_V4), v6 && v.get(Keys.MASQUERADE_V6)),
        bpf(v),
        v.get(Keys.DEVICES),
        v.get(Keys.MTU),
        new Health(
            v.get(Keys.HEALTH_CHECKING),
            v.get(Keys.ENDPOINT_HEALTH_CHECKING),
            v.get(Keys.HEALTH_PORT)),
        new Cni(v.get(Keys.CNI_EXCLUSIVE)),
        v.get(Keys.HUBBLE),
        v.get(Keys.KUBE_PROXY_REPLACEMENT),
        new Metrics(v.get(Keys.PROMETHEUS), v.get(Keys.PROMETHEUS_PORT)),
        new Operator(
            new Metrics(v.get(Keys.OPERATOR_PROMETHEUS), v.get(Keys.OPERATOR_PROMETHEUS_PORT)),
            v.get(Keys.IDENTITY_GC_INTERVAL),
            v.get(Keys.IDENTITY_HEARTBEAT)),
        v.get(Keys.DEBUG),
        new KubernetesApi(v.get(Keys.K8S_HOST), v.get(Keys.K8S_PORT)),
        v.get(Keys.ENDPOINT_SLICES),
        ServiceSettings.of(v),
        own(v),
        Keys.byPath().values().stream().map(v::entry).toList(),
        List.copyOf(v.ignored()));
  }

  private static Bpf bpf(Values v) {
    return new Bpf(
        v.get(Keys.HOST_LEGACY_ROUTING),
        v.get(Keys.CT_TCP_MAX),
        v.get(Keys.CT_ANY_MAX),
        v.get(Keys.MAP_DYNAMIC_SIZE_RATIO),
        v.get(Keys.NAT_MAX),
        v.get(Keys.POLICY_MAP_MAX),
        v.get(Keys.MONITOR_AGGREGATION),
        v.get(Keys.MONITOR_INTERVAL),
        v.get(Keys.MONITOR_FLAGS),
        v.get(Keys.BPF_ROOT),
        v.get(Keys.CGROUP_ROOT));
  }

  private static Own own(Values v) {
    return new Own(
        v.get(Keys.ENCAPSULATION),
        v.get(Keys.FLOW_REVALIDATION),
        v.get(Keys.CAPTURE_BYTES),
        v.get(Keys.NAT_PORT_MIN),
        v.get(Keys.NAT_PORT_MAX),
        v.get(Keys.ENDPOINT_MAX),
        v.get(Keys.IPCACHE_MAX),
        v.get(Keys.FRAGMENT_MAX),
        v.get(Keys.LEASE),
        v.get(Keys.NODE_GRACE));
  }

  /** Flags that are no settings: operators alone read them. */
  public static Set<String> operatorFlags() {
    return OtherFlags.FOR_OPERATORS;
  }

  /** Paths of settings by flag, sorted: what the chart puts into the cluster's ConfigMap. */
  public static Map<String, String> flagPaths() {
    var paths = new TreeMap<String, String>();
    Keys.byFlag().forEach((flag, key) -> paths.put(flag, key.path()));
    return paths;
  }

  /** Every setting as {@code path=value}, sorted by path; what {@code jilium config} prints. */
  public String describe() {
    var text = new StringBuilder();
    entries.forEach(
        entry -> text.append(entry.path()).append('=').append(entry.value()).append('\n'));
    return text.toString();
  }
}
