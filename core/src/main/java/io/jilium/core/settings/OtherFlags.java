// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Flags of Cilium's ConfigMap that are no setting of their own here. A flag that asks for something
 * that is not built is refused, one that asks for nothing, or only tunes what works otherwise here,
 * is ignored.
 */
final class OtherFlags {
  /** What becomes of a flag. */
  sealed interface Verdict {
    /** It says the same as these settings, by path. */
    record Means(Map<String, String> settings) implements Verdict {}

    /** It changes nothing. */
    record Ignored(String sentence) implements Verdict {}

    /** It cannot be followed. */
    record Refused(String sentence) implements Verdict {}
  }

  private static final Set<String> NOTHING = Set.of("", "false", "0", "none", "disabled", "no");

  /**
   * Features that are not built, by flag, with the values beside {@link #NOTHING} that ask for
   * none.
   */
  private static final Map<String, Set<String>> FEATURES = new TreeMap<>();

  /** Flags that operators read by themselves. */
  static final Set<String> FOR_OPERATORS =
      Set.of(
          "auto-create-cilium-pod-ip-pools",
          "pod-restart-selector",
          "remove-cilium-node-taints",
          "set-cilium-is-up-condition",
          "set-cilium-node-taints",
          "unmanaged-pod-watcher-interval");

  /** Flags that tune, report or protect something that does not exist in that form here. */
  private static final Set<String> WITHOUT_EFFECT = new TreeSet<>();

  static {
    features(
        "enable-ipsec enable-wireguard encrypt-node enable-bgp-control-plane enable-egress-gateway"
            + " enable-ipv4-egress-gateway enable-local-redirect-policy enable-host-firewall enable-envoy-config"
            + " enable-gateway-api enable-ingress-controller enable-l2-announcements enable-l2-pod-announcements"
            + " enable-bandwidth-manager enable-bbr enable-ipv4-big-tcp enable-ipv6-big-tcp enable-srv6 enable-sctp"
            + " enable-endpoint-routes enable-nat46x64-gateway enable-ip-masq-agent enable-vtep enable-xdp-prefilter"
            + " enable-pmtu-discovery enable-multicast enable-ztunnel enable-standalone-dns-proxy"
            + " enable-node-ipam enable-encryption-strict-mode enable-mke mesh-auth-enabled"
            + " enable-non-default-deny-policies-only enable-custom-calls"
            + " clustermesh-enable-endpoint-sync clustermesh-enable-mcs-api policy-audit-mode enable-hubble-export"
            + " enable-high-scale-ipcache enable-active-connection-tracking"
            + " bpf-events-trace-sock-enabled vlan-bpf-bypass"
            + " enable-node-encryption enable-ip-trace kvstore");
    feature("enable-policy", "default", "never");
    feature("datapath-mode", "veth");
    feature("cni-chaining-mode");
    feature("identity-allocation-mode", "crd");
    feature("identity-management-mode", "agent");
    feature("underlay-protocol", "ipv4");
    feature("enable-bpf-tproxy");
    feature("bpf-distributed-lru");
    WITHOUT_EFFECT.addAll(
        words(
            "debug-verbose log-opt log-driver procfs custom-cni-conf cni-log-file write-cni-conf-when-ready"
                + " enable-k8s-networkpolicy enable-cilium-network-policy enable-cilium-clusterwide-network-policy"
                + " enable-k8s-terminating-endpoint enable-l7-proxy enable-ipv4-fragment-tracking"
                + " enable-ipv6-fragment-tracking enable-well-known-identities enable-remote-node-identity"
                + " enable-auto-protect-node-port-range enable-svc-source-range-check enable-session-affinity"
                + " enable-l2-neigh-discovery arping-refresh-period enable-xt-socket-fallback install-iptables-rules"
                + " install-no-conntrack-iptables-rules iptables-random-fully enable-metrics controller-group-metrics"
                + " ces-slice-mode cilium-endpoint-gc-interval nodes-gc-interval"
                + " taint-sync-workers synchronize-k8s-nodes"
                + " operator-api-serve-addr agent-liveness-update-interval"
                + " bpf-fragments-map-max bpf-auth-map-max bpf-neigh-global-max bpf-filter-priority"
                + " bpf-events-drop-enabled bpf-events-policy-verdict-enabled bpf-events-trace-enabled preallocate-bpf-maps"
                + " bpf-root-mount disable-envoy-version-check disable-endpoint-crd sidecar-istio-proxy-image"
                + " enable-bpf-clock-probe enable-tcx enable-source-ip-verification enable-lb-ipam default-lb-service-ipam"
                + " external-envoy-proxy proxy-connect-timeout proxy-max-requests-per-connection proxy-prometheus-port"
                + " proxy-xff-num-trusted-hops-egress proxy-xff-num-trusted-hops-ingress proxy-idle-timeout-seconds"
                + " proxy-max-connection-duration-seconds proxy-initial-fetch-timeout envoy-base-id"
                + " hubble-socket-path hubble-listen-address hubble-disable-tls hubble-tls-cert-file"
                + " hubble-tls-key-file hubble-tls-client-ca-files hubble-event-buffer-capacity hubble-metrics"
                + " hubble-metrics-server dnsproxy-enable-transparent-mode tofqdns-dns-reject-response-code"
                + " tofqdns-enable-dns-compression tofqdns-endpoint-max-ip-per-hostname tofqdns-idle-connection-grace-period"
                + " tofqdns-max-deferred-connection-deletes tofqdns-proxy-response-max-delay tofqdns-min-ttl"
                + " tofqdns-preallocate-identities dnsproxy-socket-linger-timeout dnsproxy-lock-count"
                + " k8s-client-qps k8s-client-burst k8s-require-ipv4-pod-cidr k8s-require-ipv6-pod-cidr"
                + " operator-k8s-client-qps operator-k8s-client-burst"
                + " ipam-cilium-node-update-rate direct-routing-skip-unreachable"
                + " max-connected-clusters mesh-auth-queue-size mesh-auth-rotated-identities-queue-size mesh-auth-gc-interval"
                + " mesh-auth-mutual-connect-timeout nat-map-stats-entries nat-map-stats-interval tunnel-source-port-range"
                + " policy-cidr-match-mode policy-default-local-cluster conntrack-gc-interval conntrack-gc-max-interval"
                + " endpoint-status clean-cilium-state clean-cilium-bpf-state dynamic-config-sources"
                + " packetization-layer-pmtud-mode connectivity-probe-frequency-ratio"
                + " enable-drift-checker enable-dynamic-config enable-health-check-nodeport"
                + " enable-health-check-loadbalancer-ip enable-internal-traffic-policy enable-host-port"
                + " enable-external-ips enable-node-port"
                + " http-retry-count http-stream-idle-timeout annotate-k8s-node agent-not-ready-taint-key"
                + " identity-change-grace-period identity-restore-grace-period"));
  }

  private OtherFlags() {}

  private static void features(String flags) {
    words(flags).forEach(flag -> feature(flag));
  }

  private static void feature(String flag, String... harmless) {
    FEATURES.put(flag, Set.of(harmless));
  }

  private static Collection<String> words(String text) {
    return Set.of(text.split(" "));
  }

  static Verdict judge(String flag, String value) {
    return switch (flag) {
      case "prometheus-serve-addr" -> address("prometheus", flag, value);
      case "operator-prometheus-serve-addr" -> address("operator.prometheus", flag, value);
      default -> other(flag, value.strip());
    };
  }

  private static Verdict other(String flag, String value) {
    var harmless = FEATURES.get(flag);
    var plain = value.toLowerCase(Locale.ROOT);
    if (harmless != null) {
      return NOTHING.contains(plain) || harmless.contains(plain)
          ? new Verdict.Ignored(flag + "=" + value + " is ignored: it asks for nothing here")
          : new Verdict.Refused(
              flag + "=" + value + ": this is not built yet, take the flag out of the ConfigMap");
    }
    if (FOR_OPERATORS.contains(flag)) {
      return new Verdict.Ignored(flag + "=" + value + " is for operators alone");
    }
    if (WITHOUT_EFFECT.contains(flag)) {
      return new Verdict.Ignored(
          flag + "=" + value + " is ignored: Jilium has no such thing to tune");
    }
    var hint =
        NearestName.of(flag, Keys.byFlag().keySet())
            .map(name -> "; did you mean \"" + name + "\"?")
            .orElse("");
    return new Verdict.Refused("there is no flag \"" + flag + "\"" + hint);
  }

  /** {@code :9962} or {@code host:9962} serves, nothing at all does not. */
  private static Verdict address(String section, String flag, String value) {
    var text = value.strip();
    if (text.isEmpty()) {
      return new Verdict.Means(Map.of(section + ".enabled", "false"));
    }
    var port = text.substring(text.lastIndexOf(':') + 1);
    if (!port.matches("\\d{1,5}")) {
      return new Verdict.Refused(flag + "=" + value + ": [host]:port is expected");
    }
    return new Verdict.Means(Map.of(section + ".enabled", "true", section + ".port", port));
  }
}
