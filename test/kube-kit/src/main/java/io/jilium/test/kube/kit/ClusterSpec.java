// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * What a cluster is made of.
 *
 * @param name lower-case letters, digits and '-', at most 24; clusters of different names run side
 *     by side
 * @param nodes how many nodes it begins with
 * @param dns whether a name server runs in it; it needs a network and Services
 * @param dualStack whether nodes, pods and Services have IPv6 addresses beside those of IPv4
 */
public record ClusterSpec(
    String name,
    int nodes,
    ServiceProxy proxy,
    boolean dns,
    PodNetwork network,
    boolean dualStack) {
  /** Pods' addresses; the controller manager gives each node a /24 of it. */
  public static final String POD_CIDR = "10.244.0.0/16";

  /** Services' addresses. */
  public static final String SERVICE_CIDR = "10.96.0.0/16";

  /** Pods' addresses of dual stack; each node has a /64 of it. */
  public static final String POD_CIDR_V6 = "fd00:10:244::/48";

  /** Services' addresses of dual stack. */
  public static final String SERVICE_CIDR_V6 = "fd00:10:96::/112";

  /** The name server's address among the Services'. */
  public static final String DNS_ADDRESS = "10.96.0.10";

  static final int MAX_NODES = 64;
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,23}");

  /** Who makes Services work. */
  public enum ServiceProxy {
    /** kube-proxy with iptables rules. */
    IPTABLES,
    /** kube-proxy with nftables rules. */
    NFTABLES,
    /** No kube-proxy. */
    NONE;

    /** As on the command line. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Who connects pods. */
  public enum PodNetwork {
    /** Nobody: nodes stay NotReady until a network is installed. */
    NONE,
    /** The reference plugin "bridge" with static routes, for comparison. */
    BRIDGE
  }

  public ClusterSpec {
    if (!NAME.matcher(name).matches()) {
      throw new KubeException(
          "--name '%s': use at most 24 lower-case letters, digits and '-', a letter first"
              .formatted(name));
    }
    if (nodes < 1 || nodes > MAX_NODES) {
      throw new KubeException("--nodes %d: use 1 to %d".formatted(nodes, MAX_NODES));
    }
    if (dualStack && network == PodNetwork.BRIDGE) {
      throw new KubeException("--dual-stack: the network bridge is for IPv4, use --network none");
    }
  }

  /** Two nodes, kube-proxy with iptables, a name server, and no network yet. */
  public static ClusterSpec of(String name) {
    return new ClusterSpec(name, 2, ServiceProxy.IPTABLES, true, PodNetwork.NONE, false);
  }

  public ClusterSpec withNodes(int number) {
    return new ClusterSpec(name, number, proxy, dns, network, dualStack);
  }

  public ClusterSpec withoutProxy() {
    return new ClusterSpec(name, nodes, ServiceProxy.NONE, dns, network, dualStack);
  }

  public ClusterSpec withoutDns() {
    return new ClusterSpec(name, nodes, proxy, false, network, dualStack);
  }

  public ClusterSpec withNetwork(PodNetwork other) {
    return new ClusterSpec(name, nodes, proxy, dns, other, dualStack);
  }

  public ClusterSpec withDualStack() {
    return new ClusterSpec(name, nodes, proxy, dns, network, true);
  }

  /** As the control plane takes them: those of IPv4 first. */
  String podCidrs() {
    return dualStack ? POD_CIDR + "," + POD_CIDR_V6 : POD_CIDR;
  }

  String serviceCidrs() {
    return dualStack ? SERVICE_CIDR + "," + SERVICE_CIDR_V6 : SERVICE_CIDR;
  }

  void save(Path file) {
    var all = new Properties();
    all.setProperty("nodes", Integer.toString(nodes));
    all.setProperty("proxy", proxy.name());
    all.setProperty("dns", Boolean.toString(dns));
    all.setProperty("network", network.name());
    all.setProperty("dualStack", Boolean.toString(dualStack));
    try (var out = Files.newBufferedWriter(file)) {
      all.store(out, "cluster " + name);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + file, e);
    }
  }

  static ClusterSpec load(String name, Path file) {
    var all = new Properties();
    try (var in = Files.newBufferedReader(file)) {
      all.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file, e);
    }
    return new ClusterSpec(
        name,
        Integer.parseInt(all.getProperty("nodes")),
        ServiceProxy.valueOf(all.getProperty("proxy")),
        Boolean.parseBoolean(all.getProperty("dns")),
        PodNetwork.valueOf(all.getProperty("network")),
        Boolean.parseBoolean(all.getProperty("dualStack")));
  }
}
