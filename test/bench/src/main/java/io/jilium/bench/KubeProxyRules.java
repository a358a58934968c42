// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What kube-proxy 1.35 writes on a node for a number of services, so that a connection meets the
 * same chains in the same order. All services are TCP ClusterIPs with one backend; the one that is
 * measured stands in the middle and has a node port, equal to its port; the others lead to
 * addresses that nobody has.
 */
enum KubeProxyRules {
  /** The mode of most clusters: one rule for each service, tried one after the other. */
  IPTABLES("iptables") {
    @Override
    List<String> command() {
      return List.of("iptables-restore", "--noflush");
    }

    @Override
    String text(Target target, int services) {
      var chains = new StringBuilder();
      var rules = new StringBuilder();
      for (int i = 0; i < services; i++) {
        var service = target.service(i, services);
        if (service.isMeasured()) {
          chains.append(":KUBE-EXT-%s - [0:0]%n".formatted(service.id()));
          rules.append(service.iptablesNodePort());
        }
        chains.append(":KUBE-SVC-%1$s - [0:0]%n:KUBE-SEP-%1$s - [0:0]%n".formatted(service.id()));
        rules.append(
            """
            -A KUBE-SERVICES -d %2$s/32 -p tcp -m comment --comment "%4$s cluster IP" -m tcp --dport %5$d -j KUBE-SVC-%1$s
            -A KUBE-SVC-%1$s ! -s %6$s -d %2$s/32 -p tcp -m comment --comment "%4$s cluster IP" -m tcp --dport %5$d -j KUBE-MARK-MASQ
            -A KUBE-SVC-%1$s -m comment --comment "%4$s -> %3$s" -j KUBE-SEP-%1$s
            -A KUBE-SEP-%1$s -s %7$s/32 -m comment --comment "%4$s" -j KUBE-MARK-MASQ
            -A KUBE-SEP-%1$s -p tcp -m comment --comment "%4$s" -m tcp -j DNAT --to-destination %3$s
            """
                .formatted(
                    service.id(),
                    service.address(),
                    service.backend() + ":" + service.port(),
                    service.name(),
                    service.port(),
                    Target.PODS,
                    service.backend()));
      }
      return """
      *nat
      :KUBE-SERVICES - [0:0]
      :KUBE-NODEPORTS - [0:0]
      :KUBE-MARK-MASQ - [0:0]
      :KUBE-POSTROUTING - [0:0]
      %s-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
      -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
      -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
      -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
      -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
      -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
      -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
      %s-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
      COMMIT
      *filter
      :KUBE-SERVICES - [0:0]
      :KUBE-EXTERNAL-SERVICES - [0:0]
      :KUBE-FORWARD - [0:0]
      :KUBE-PROXY-FIREWALL - [0:0]
      -A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
      -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
      -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
      -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
      -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
      -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
      -A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
      -A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      COMMIT
      """
          .formatted(chains, rules);
    }
  },

  /** The newer mode: one look-up in a map of verdicts. */
  NFTABLES("nftables") {
    @Override
    List<String> command() {
      return List.of("nft", "-f", "-");
    }

    @Override
    String text(Target target, int services) {
      var chains = new StringBuilder();
      var elements = new StringBuilder();
      var nodePorts = new StringBuilder();
      for (int i = 0; i < services; i++) {
        var service = target.service(i, services);
        if (service.isMeasured()) {
          nodePorts.append("tcp . %d : goto external-%s".formatted(service.port(), service.id()));
          chains.append(service.nftablesNodePort());
        }
        elements.append(
            "%s . tcp . %d : goto service-%s,%n"
                .formatted(service.address(), service.port(), service.id()));
        chains.append(
            """
            chain endpoint-%1$s {
              ip saddr %3$s jump mark-for-masquerade
              meta l4proto tcp dnat to %3$s:%4$d
            }
            chain service-%1$s {
              ip daddr %2$s tcp dport %4$d ip saddr != %5$s jump mark-for-masquerade
              numgen random mod 1 vmap { 0 : goto endpoint-%1$s }
            }
            """
                .formatted(
                    service.id(),
                    service.address(),
                    service.backend(),
                    service.port(),
                    Target.PODS));
      }
      return """
      table ip kube-proxy {
      chain mark-for-masquerade { meta mark set meta mark or 0x4000; }
      %s
      map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; }
      map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = { %s }; }
      map service-nodeports { type inet_proto . inet_service : verdict; elements = { %s }; }
      chain services {
        ip daddr . meta l4proto . th dport vmap @service-ips
        fib daddr type local meta l4proto . th dport vmap @service-nodeports
      }
      chain masquerading {
        meta mark and 0x4000 == 0 return
        meta mark set meta mark xor 0x4000
        masquerade fully-random
      }
      chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
      chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
      chain nat-output { type nat hook output priority -100; policy accept; jump services; }
      chain nat-postrouting { type nat hook postrouting priority srcnat; policy accept; jump masquerading; }
      chain filter-forward { type filter hook forward priority -110; policy accept; ct state new jump service-endpoints-check; }
      chain filter-input { type filter hook input priority -110; policy accept; ct state new jump service-endpoints-check; }
      }
      """
          .formatted(chains, elements, nodePorts);
    }
  };

  /** Where the measured service leads; it has {@link #ADDRESS} and any one port. */
  record Target(String backend, int port) {
    /** Clients in here keep their address. */
    static final String PODS = "10.78.0.0/16";

    static final String ADDRESS = "10.96.0.10";

    private Service service(int index, int services) {
      boolean measured = index == services / 2;
      var other = "%d.%d".formatted(index >> 8, index & 0xff);
      return new Service(
          String.format(Locale.ROOT, "%016X", index),
          "bench/service-" + index,
          measured ? ADDRESS : "10.97." + other,
          measured ? backend : "10.98." + other,
          port);
    }
  }

  private record Service(String id, String name, String address, String backend, int port) {
    boolean isMeasured() {
      return address.equals(Target.ADDRESS);
    }

    String iptablesNodePort() {
      return """
      -A KUBE-NODEPORTS -p tcp -m comment --comment "%2$s" -m tcp --dport %3$d -j KUBE-EXT-%1$s
      -A KUBE-EXT-%1$s -m comment --comment "masquerade traffic for %2$s external destinations" -j KUBE-MARK-MASQ
      -A KUBE-EXT-%1$s -j KUBE-SVC-%1$s
      """
          .formatted(id, name, port);
    }

    String nftablesNodePort() {
      return """
      chain external-%1$s {
        jump mark-for-masquerade
        goto service-%1$s
      }
      """
          .formatted(id);
    }
  }

  private static final int DEADLINE_SECONDS = 300;

  private final String label;

  KubeProxyRules(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  abstract List<String> command();

  /** The rules for this many services, at least one; fewer than 65,536. */
  abstract String text(Target target, int services);

  /** Writes them into a node's tables. */
  void install(Netns node, Target target, int services) {
    node.execute(() -> {
      try {
        var process = new ProcessBuilder(command()).redirectErrorStream(true).start();
        try (var input = process.getOutputStream()) {
          input.write(text(target, services).getBytes(StandardCharsets.UTF_8));
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          throw new BenchException("%s failed: %s".formatted(command().getFirst(), output.strip()));
        }
      } catch (IOException e) {
        throw new BenchException("cannot run " + command().getFirst(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BenchException("interrupted", e);
      }
    });
  }
}
