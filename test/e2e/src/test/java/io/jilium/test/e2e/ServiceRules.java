// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import java.util.ArrayList;
import java.util.List;

/**
 * Services as kube-proxy writes them into a node, in either of its modes: destination translated to
 * a backend, marked packets masqueraded, packets that conntrack does not know dropped. Forms follow
 * the rules of Kubernetes 1.35.
 */
enum ServiceRules {
  IPTABLES {
    @Override
    String remove(boolean v4) {
      return "%s -t nat -F; %s -t nat -X; %s -F; %s -X"
          .replace("%s", v4 ? "iptables" : "ip6tables");
    }

    @Override
    String install(boolean v4, String podRange, List<Service> services) {
      return "%s-restore <<'RULES'\n%s\nRULES"
          .formatted(v4 ? "iptables" : "ip6tables", iptables(v4, podRange, services));
    }
  },
  NFTABLES {
    @Override
    String remove(boolean v4) {
      return "nft delete table " + (v4 ? "ip" : "ip6") + " kube-proxy 2>/dev/null || true";
    }

    @Override
    String install(boolean v4, String podRange, List<Service> services) {
      return "nft -f - <<'RULES'\n%s\nRULES".formatted(nftables(v4, podRange, services));
    }
  };

  /** Whose traffic from outside goes where, and under which address. */
  enum Policy {
    /** To every backend, masqueraded. */
    CLUSTER,
    /** To this node's backends, under the client's own address. */
    LOCAL
  }

  /**
   * One port of a service.
   *
   * @param nodePort 0: none
   * @param local backends of the node that gets the rules
   */
  record Service(
      String name,
      String protocol,
      String clusterIp,
      int port,
      int nodePort,
      Policy policy,
      List<Backend> backends,
      List<Backend> local) {}

  /** An address and a port. */
  record Backend(String address, int port) {
    String text() {
      return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
    }
  }

  /** Shell commands that leave none of the rules. */
  abstract String remove(boolean v4);

  /** Shell commands that write the rules into a node. */
  abstract String install(boolean v4, String podRange, List<Service> services);

  private static String iptables(boolean v4, String podRange, List<Service> services) {
    var chains = new ArrayList<>(List.of("SERVICES", "NODEPORTS", "POSTROUTING", "MARK-MASQ"));
    var rules =
        new ArrayList<>(
            List.of(
                "PREROUTING -j KUBE-SERVICES",
                "OUTPUT -j KUBE-SERVICES",
                "POSTROUTING -j KUBE-POSTROUTING",
                "KUBE-MARK-MASQ -j MARK --or-mark 0x4000",
                "KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
                "KUBE-POSTROUTING -j MARK --xor-mark 0x4000",
                "KUBE-POSTROUTING -j MASQUERADE --random-fully"));
    for (var s : services) {
      var match = "-p " + s.protocol + " --dport ";
      var at = "-d " + s.clusterIp + (v4 ? "/32 " : "/128 ") + match + s.port;
      chains.addAll(List.of("SVC-" + s.name, "SVL-" + s.name, "EXT-" + s.name));
      rules.add("KUBE-SERVICES " + at + " -j KUBE-SVC-" + s.name);
      rules.add("KUBE-SVC-" + s.name + " ! -s " + podRange + " " + at + " -j KUBE-MARK-MASQ");
      iptablesBackends("SVC-" + s.name, s.protocol, s.backends, chains, rules);
      iptablesBackends("SVL-" + s.name, s.protocol, s.local, chains, rules);
      var outside = "KUBE-EXT-" + s.name;
      if (s.policy == Policy.CLUSTER) {
        rules.add(outside + " -j KUBE-MARK-MASQ");
        rules.add(outside + " -j KUBE-SVC-" + s.name);
      } else {
        rules.add(outside + " -s " + podRange + " -j KUBE-SVC-" + s.name);
        rules.add(outside + " -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ");
        rules.add(outside + " -m addrtype --src-type LOCAL -j KUBE-SVC-" + s.name);
        rules.add(outside + " -j KUBE-SVL-" + s.name);
      }
      if (s.nodePort != 0) {
        rules.add("KUBE-NODEPORTS " + match + s.nodePort + " -j " + outside);
      }
    }
    rules.add("KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS");
    var text = new StringBuilder("*nat\n");
    chains.forEach(chain -> text.append(":KUBE-").append(chain).append(" - [0:0]\n"));
    rules.forEach(rule -> text.append("-A ").append(rule).append('\n'));
    return text.append(
            """
            COMMIT
            *filter
            :KUBE-FORWARD - [0:0]
            -A FORWARD -j KUBE-FORWARD
            -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
            -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
            -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            COMMIT\
            """)
        .toString();
  }

  private static void iptablesBackends(
      String chain,
      String protocol,
      List<Backend> backends,
      List<String> chains,
      List<String> rules) {
    for (int i = 0; i < backends.size(); i++) {
      int left = backends.size() - i;
      var backend = backends.get(i);
      var own = "SEP-" + chain + i;
      chains.add(own);
      rules.add(
          "KUBE-%s %s-j KUBE-%s"
              .formatted(
                  chain,
                  left == 1 ? "" : "-m statistic --mode random --probability " + 1.0 / left + " ",
                  own));
      rules.add("KUBE-%s -s %s -j KUBE-MARK-MASQ".formatted(own, backend.address));
      rules.add(
          "KUBE-%s -p %s -j DNAT --to-destination %s".formatted(own, protocol, backend.text()));
    }
  }

  private static String nftables(boolean v4, String podRange, List<Service> services) {
    var family = v4 ? "ip" : "ip6";
    var chains = new StringBuilder();
    var dispatch = new StringBuilder();
    var nodePorts = new StringBuilder();
    for (var s : services) {
      var port = s.protocol + " dport ";
      dispatch.append(
          "    %s daddr %s %s%d goto service-%s\n"
              .formatted(family, s.clusterIp, port, s.port, s.name));
      var masquerade =
          "    %s daddr %s %s saddr != %s jump mark-for-masquerade\n"
              .formatted(family, s.clusterIp, family, podRange);
      nftBackends("service-" + s.name, masquerade, family, s.protocol, s.backends, chains);
      nftBackends("service-local-" + s.name, "", family, s.protocol, s.local, chains);
      chains.append("  chain external-").append(s.name).append(" {\n");
      if (s.policy == Policy.CLUSTER) {
        chains.append("    jump mark-for-masquerade\n    goto service-").append(s.name);
      } else {
        chains
            .append("    %s saddr %s goto service-%s\n".formatted(family, podRange, s.name))
            .append("    fib saddr type local jump mark-for-masquerade\n")
            .append("    fib saddr type local goto service-%s\n".formatted(s.name))
            .append("    goto service-local-")
            .append(s.name);
      }
      chains.append("\n  }\n");
      if (s.nodePort != 0) {
        nodePorts.append(
            "    fib daddr type local %s%d goto external-%s\n".formatted(port, s.nodePort, s.name));
      }
    }
    return """
    table %s kube-proxy {
      chain mark-for-masquerade { meta mark set meta mark or 0x4000; }
      chain masquerading {
        meta mark & 0x4000 == 0 return
        meta mark set meta mark xor 0x4000
        masquerade fully-random
      }
    %s  chain services {
    %s%s  }
      chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
      chain nat-output { type nat hook output priority -100; jump services; }
      chain nat-postrouting { type nat hook postrouting priority srcnat; jump masquerading; }
      chain filter-forward { type filter hook forward priority -110; ct state invalid drop; }
    }\
    """
        .formatted(family, chains, dispatch, nodePorts);
  }

  private static void nftBackends(
      String chain,
      String first,
      String family,
      String protocol,
      List<Backend> backends,
      StringBuilder chains) {
    var choice = new ArrayList<String>();
    for (int i = 0; i < backends.size(); i++) {
      var backend = backends.get(i);
      var own = "endpoint-%d-%s".formatted(i, chain);
      choice.add(i + " : goto " + own);
      chains.append(
          """
            chain %s {
              %s saddr %s jump mark-for-masquerade
              meta l4proto %s dnat to %s
            }
          """
              .formatted(own, family, backend.address, protocol, backend.text()));
    }
    chains.append("  chain ").append(chain).append(" {\n").append(first);
    if (!choice.isEmpty()) {
      chains
          .append("    numgen random mod ")
          .append(choice.size())
          .append(" vmap { ")
          .append(String.join(", ", choice))
          .append(" }\n");
    }
    chains.append("  }\n");
  }
}
