// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.KubeNode;

/** What there is on a node, to compare before and after. */
final class Inventory {
  private Inventory() {}

  /** What pods bring: devices, namespaces, routes, and what the CNI plugins keep on disk. */
  static String ofPods(KubeNode node) {
    return node.exec(
            "sh",
            "-c",
            """
            ip -o link show | sed -E 's/^[0-9]+: ([^:@]+).*/device \\1/' | sort
            ip netns list | sed 's/^/namespace /' | sort
            ip route show table all | sort
            ls /var/lib/cni/results 2>/dev/null | sort
            """)
        .run();
  }

  /** What a network plugin as a whole brings: the above, rules, its pins and its files. */
  static String ofNetwork(KubeNode node) {
    return ofPods(node)
        + node.exec(
                "sh",
                "-c",
                """
                ip rule show
                tc qdisc show dev eth0 | sed 's/ refcnt.*//'
                find /sys/fs/bpf /etc/cni/net.d /etc/sysctl.d /opt/cni/bin /var/run/jilium /var/run/cilium /var/lib/jilium -mindepth 1 2>/dev/null | sort
                iptables-save | grep -iE 'jilium|cilium'
                sysctl -a 2>/dev/null | grep -E 'net.ipv4.conf.(all|default|eth0).(rp_filter|forwarding)'
                true
                """)
            .run();
  }
}
