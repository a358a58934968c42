// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.settings.ServiceSettings.Acceleration;
import io.jilium.core.settings.ServiceSettings.Dispatch;
import io.jilium.core.settings.ServiceSettings.Mode;
import io.jilium.core.settings.Settings.IpamMode;
import io.jilium.core.settings.Settings.MonitorAggregation;
import io.jilium.core.settings.Settings.RoutingMode;
import io.jilium.core.settings.Settings.TunnelProtocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Settings that are fine alone and wrong together, or that ask for what is not built. */
final class Contradictions {
  /** A router, a health endpoint and a pod need three addresses. */
  private static final int LONGEST_NODE_MASK_V4 = 29;

  private static final int LONGEST_NODE_MASK_V6 = 125;
  private static final int MIN_MTU_V4 = 576;
  private static final int MIN_MTU_V6 = 1280;
  private static final Set<String> TCP_FLAGS =
      Set.of("all", "syn", "ack", "fin", "rst", "psh", "urg", "ece", "cwr");

  private final Values values;

  Contradictions(Values values) {
    this.values = values;
  }

  void check() {
    names();
    notBuilt();
    families();
    routing();
    mtu();
    if (values.get(Keys.IPAM_MODE) == IpamMode.CLUSTER_POOL) {
      if (values.get(Keys.IPV4)) {
        pool(Keys.POOL_V4, Keys.POOL_V4_MASK, LONGEST_NODE_MASK_V4);
      }
      if (values.get(Keys.IPV6)) {
        pool(Keys.POOL_V6, Keys.POOL_V6_MASK, LONGEST_NODE_MASK_V6);
      }
    }
    ports();
    times();
    services();
  }

  private void names() {
    String name = values.get(Keys.CLUSTER_NAME);
    if (!name.matches("[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?")) {
      values.refuse(
          values.shown(Keys.CLUSTER_NAME)
              + ": 1 to 32 of a-z, 0-9 and '-' are expected, beginning and ending with a letter or digit");
    }
    for (String flag : values.get(Keys.MONITOR_FLAGS)) {
      if (!TCP_FLAGS.contains(flag)) {
        values.refuse(
            values.shown(Keys.MONITOR_FLAGS)
                + ": \""
                + flag
                + "\" is none of all, "
                + String.join(
                    ", ", TCP_FLAGS.stream().filter(f -> !f.equals("all")).sorted().toList()));
      }
    }
    for (String device : values.get(Keys.DEVICES)) {
      if (!device.matches("[^/\\s]{1,15}\\+?")) {
        values.refuse(
            values.shown(Keys.DEVICES) + ": \"" + device + "\" cannot be the name of a device");
      }
    }
    if (!values.get(Keys.K8S_PORT).matches("\\d{0,5}")) {
      values.refuse(values.shown(Keys.K8S_PORT) + ": a port is expected");
    }
  }

  private void notBuilt() {
    if (values.get(Keys.TUNNEL_PROTOCOL) == TunnelProtocol.GENEVE) {
      values.refuse(
          values.shown(Keys.TUNNEL_PROTOCOL) + ": Geneve is not built yet, only vxlan is");
    }
    if (!values.get(Keys.BPF_MASQUERADE) && masquerades()) {
      values.refuse(
          values.shown(Keys.BPF_MASQUERADE)
              + ": Jilium masquerades in eBPF only; to masquerade nothing set enableIPv4Masquerade=false and"
              + " enableIPv6Masquerade=false");
    }
  }

  private void services() {
    int size = values.get(ServiceKeys.MAGLEV_SIZE);
    if (!ServiceSettings.MAGLEV_SIZES.contains(size)) {
      values.refuse(
          values.shown(ServiceKeys.MAGLEV_SIZE)
              + ": one of the primes "
              + ServiceSettings.MAGLEV_SIZES.stream().sorted().map(String::valueOf).toList()
              + " is expected");
    }
    if (values.get(ServiceKeys.DISPATCH) == Dispatch.GENEVE) {
      values.refuse(
          values.shown(ServiceKeys.DISPATCH)
              + ": it needs a Geneve tunnel, and only VXLAN is built; set loadBalancer.dsrDispatch=opt or ipip with"
              + " routingMode=native");
    }
    if (values.get(ServiceKeys.MODE) != Mode.SNAT) {
      directReturn();
    }
    if (values.get(ServiceKeys.ACCELERATION) != Acceleration.DISABLED) {
      acceleration();
    }
  }

  private void acceleration() {
    if (!values.get(Keys.KUBE_PROXY_REPLACEMENT)) {
      values.refuse(
          values.shown(ServiceKeys.ACCELERATION)
              + " needs kubeProxyReplacement=true: beside kube-proxy packets from outside are kube-proxy's");
    }
    if (values.get(Keys.HOST_LEGACY_ROUTING).orElse(false)) {
      values.refuse(
          values.shown(ServiceKeys.ACCELERATION)
              + " contradicts "
              + values.shown(Keys.HOST_LEGACY_ROUTING)
              + ": what XDP sends on never comes to the stack; set loadBalancer.acceleration=disabled");
    }
  }

  private void directReturn() {
    if (values.get(Keys.ROUTING_MODE) == RoutingMode.TUNNEL) {
      values.refuse(
          values.shown(ServiceKeys.MODE)
              + " contradicts "
              + values.shown(Keys.ROUTING_MODE)
              + ": what names the service travels in packets that are routed natively; set routingMode=native or"
              + " loadBalancer.mode=snat");
    }
    if (!values.get(Keys.KUBE_PROXY_REPLACEMENT)) {
      values.refuse(
          values.shown(ServiceKeys.MODE)
              + " needs kubeProxyReplacement=true: beside kube-proxy packets from outside are kube-proxy's");
    }
  }

  private boolean masquerades() {
    return (values.get(Keys.IPV4) && values.get(Keys.MASQUERADE_V4))
        || (values.get(Keys.IPV6) && values.get(Keys.MASQUERADE_V6));
  }

  private void families() {
    if (!values.get(Keys.IPV4) && !values.get(Keys.IPV6)) {
      values.refuse(
          values.shown(Keys.IPV4)
              + " and "
              + values.shown(Keys.IPV6)
              + ": pods need at least one of both");
    }
  }

  private void routing() {
    boolean routed = values.get(Keys.ROUTING_MODE) == RoutingMode.NATIVE;
    if (!routed && values.get(Keys.AUTO_DIRECT_NODE_ROUTES)) {
      values.refuse(
          values.shown(Keys.AUTO_DIRECT_NODE_ROUTES)
              + " contradicts "
              + values.shown(Keys.ROUTING_MODE)
              + ": routes to nodes need routingMode=native");
    }
    if (routed) {
      nativeCidr(Keys.IPV4, Keys.MASQUERADE_V4, Keys.NATIVE_CIDR_V4);
      nativeCidr(Keys.IPV6, Keys.MASQUERADE_V6, Keys.NATIVE_CIDR_V6);
    }
  }

  private void nativeCidr(
      Key<Boolean> family, Key<Boolean> masquerade, Key<Optional<IpPrefix>> cidr) {
    if (values.get(family) && values.get(masquerade) && values.get(cidr).isEmpty()) {
      values.refuse(
          values.shown(Keys.ROUTING_MODE)
              + " with "
              + values.shown(masquerade)
              + " needs "
              + cidr.path()
              + ", the range that is routed and not masqueraded");
    }
  }

  private void mtu() {
    int mtu = values.get(Keys.MTU);
    int overhead =
        values.get(Keys.ROUTING_MODE) == RoutingMode.TUNNEL ? Settings.TUNNEL_OVERHEAD : 0;
    int least = (values.get(Keys.IPV6) ? MIN_MTU_V6 : MIN_MTU_V4) + overhead;
    if (mtu != 0 && mtu < least) {
      values.refuse(
          values.shown(Keys.MTU)
              + " is too small: IPv"
              + (values.get(Keys.IPV6) ? 6 : 4)
              + " with "
              + values.shown(Keys.ROUTING_MODE)
              + " needs at least "
              + least);
    }
  }

  private void pool(Key<List<IpPrefix>> listKey, Key<Integer> maskKey, int longest) {
    List<IpPrefix> pools = values.get(listKey);
    int mask = values.get(maskKey);
    if (pools.isEmpty()) {
      values.refuse(values.shown(listKey) + ": at least one range is expected");
    }
    if (mask > longest) {
      values.refuse(
          values.shown(maskKey)
              + " is too long: a node needs addresses for its router, its health endpoint and pods,"
              + " so /"
              + longest
              + " at most");
    }
    for (int i = 0; i < pools.size(); i++) {
      IpPrefix pool = pools.get(i);
      if (pool.length() > mask) {
        values.refuse(
            values.shown(listKey)
                + ": "
                + pool
                + " is too small for one node of "
                + values.shown(maskKey));
      }
      for (int j = i + 1; j < pools.size(); j++) {
        if (pool.overlaps(pools.get(j))) {
          values.refuse(values.shown(listKey) + ": " + pool + " overlaps " + pools.get(j));
        }
      }
    }
  }

  private void ports() {
    if (values.get(Keys.PROMETHEUS)
        && values.get(Keys.PROMETHEUS_PORT).intValue() == values.get(Keys.HEALTH_PORT).intValue()) {
      values.refuse(
          values.shown(Keys.PROMETHEUS_PORT) + " is taken by " + values.shown(Keys.HEALTH_PORT));
    }
    if (values.get(Keys.NAT_PORT_MIN) >= values.get(Keys.NAT_PORT_MAX)) {
      values.refuse(
          values.shown(Keys.NAT_PORT_MIN) + " is not below " + values.shown(Keys.NAT_PORT_MAX));
    }
  }

  private void times() {
    if (values.get(Keys.LEASE).compareTo(Duration.ofSeconds(5)) < 0) {
      values.refuse(values.shown(Keys.LEASE) + ": at least 5s are expected");
    }
    if (values.get(Keys.MONITOR_AGGREGATION) != MonitorAggregation.NONE
        && values.get(Keys.MONITOR_INTERVAL).isZero()) {
      values.refuse(
          values.shown(Keys.MONITOR_INTERVAL)
              + " contradicts "
              + values.shown(Keys.MONITOR_AGGREGATION)
              + ": set bpf.monitorAggregation=none to see every packet");
    }
    for (Key<Duration> interval : List.of(Keys.IDENTITY_GC_INTERVAL, Keys.FLOW_REVALIDATION)) {
      if (values.get(interval).isZero()) {
        values.refuse(values.shown(interval) + ": more than 0s is expected");
      }
    }
  }
}
