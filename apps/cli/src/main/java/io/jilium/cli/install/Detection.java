// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterOptions;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster tells about itself, and the values that follow from it where the user set none.
 *
 * @param lines for people
 * @param values to be laid under the user's
 */
record Detection(List<String> lines, Map<String, @Nullable Object> values) {
  private static final int LONGEST_CLUSTER_NAME = 32;

  Detection {
    lines = List.copyOf(lines);
  }

  /**
   * Asks the cluster.
   *
   * @param given what the user set
   */
  static Detection of(
      KubernetesClient client, ClusterOptions options, Map<String, @Nullable Object> given) {
    var lines = new ArrayList<String>();
    var values = new LinkedHashMap<String, @Nullable Object>();
    List<Node> nodes = client.nodes().list().getItems();
    kind(nodes).ifPresent(kind -> lines.add("🔮 Auto-detected Kubernetes kind: " + kind));
    lines.addAll(kernels(nodes));
    if (Trees.at(given, "cluster", "name").isEmpty()) {
      options
          .clusterName()
          .map(Detection::clusterName)
          .filter(name -> !name.isEmpty())
          .ifPresent(name -> {
            lines.add("🔮 Auto-detected cluster name: " + name);
            Trees.put(values, "cluster.name", name);
          });
    }
    kubeProxy(client, given, lines, values);
    podCidrs(nodes, given, lines, values);
    if (Trees.at(given, "operator", "replicas").isEmpty()) {
      Trees.put(values, "operator.replicas", 1L); // as Cilium's CLI has it
    }
    return new Detection(lines, values);
  }

  /** Who runs this cluster, where the nodes show it. */
  private static Optional<String> kind(List<Node> nodes) {
    return nodes.stream()
        .map(node -> Optional.ofNullable(node.getSpec().getProviderID()).orElse(""))
        .map(id -> id.replaceFirst(":.*", ""))
        .filter(id -> List.of("kind", "aws", "gce", "azure", "k3s").contains(id))
        .findFirst()
        .map(id ->
            switch (id) {
              case "aws" -> "EKS";
              case "gce" -> "GKE";
              case "azure" -> "AKS";
              case "k3s" -> "K3s";
              default -> "kind";
            });
  }

  /** Which kernels the nodes have, and what Jilium does on them. */
  static List<String> kernels(List<Node> nodes) {
    var found = new TreeMap<Kernel, Integer>();
    for (Node node : nodes) {
      Kernel.of(node.getStatus().getNodeInfo().getKernelVersion())
          .ifPresent(kernel -> found.merge(kernel, 1, Integer::sum));
    }
    return found.entrySet().stream()
        .map(entry ->
            "%s kernel %s on %d node%s: %s"
                .formatted(
                    entry.getKey().isSupported() ? "🔮 Auto-detected" : "⚠️ ",
                    entry.getKey(),
                    entry.getValue(),
                    entry.getValue() == 1 ? "" : "s",
                    entry.getKey().features()))
        .toList();
  }

  /** A kernel's version. */
  private record Kernel(int major, int minor) implements Comparable<Kernel> {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
    private static final Kernel OLDEST = new Kernel(5, 10);

    /** The first with links for programs on devices that need no qdisc. */
    private static final Kernel TCX = new Kernel(6, 6);

    static Optional<Kernel> of(@Nullable String text) {
      Matcher match = TEXT.matcher(text == null ? "" : text);
      return match.matches()
          ? Optional.of(
              new Kernel(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2))))
          : Optional.empty();
    }

    boolean isSupported() {
      return compareTo(OLDEST) >= 0;
    }

    String features() {
      if (!isSupported()) {
        return "too old, Jilium needs %s".formatted(OLDEST);
      }
      return compareTo(TCX) >= 0
          ? "eBPF host routing, programs attached by tcx"
          : "eBPF host routing, programs attached by clsact (tcx from %s)".formatted(TCX);
    }

    @Override
    public int compareTo(Kernel other) {
      return major == other.major
          ? Integer.compare(minor, other.minor)
          : Integer.compare(major, other.major);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /** A name that Jilium takes: the kubeconfig allows more than a cluster's name. */
  static String clusterName(String name) {
    String plain =
        name.toLowerCase(java.util.Locale.ROOT)
            .replaceAll(".*/", "")
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-+|-+$", "");
    return plain.length() <= LONGEST_CLUSTER_NAME
        ? plain
        : plain.substring(0, LONGEST_CLUSTER_NAME).replaceAll("-+$", "");
  }

  private static void kubeProxy(
      KubernetesClient client,
      Map<String, @Nullable Object> given,
      List<String> lines,
      Map<String, @Nullable Object> values) {
    boolean installed =
        !client
            .apps()
            .daemonSets()
            .inNamespace("kube-system")
            .withLabel("k8s-app", "kube-proxy")
            .list()
            .getItems()
            .isEmpty();
    lines.add(
        "🔮 Auto-detected kube-proxy has %sbeen installed".formatted(installed ? "" : "not "));
    boolean asked = given.containsKey("kubeProxyReplacement");
    if (!installed && !asked) {
      values.put("kubeProxyReplacement", true);
    }
    if (asked ? "true".equals(Trees.text(given, "kubeProxyReplacement")) : !installed) {
      lines.add("ℹ️  Jilium will fully replace all functionalities of kube-proxy");
    }
    if (!installed && Trees.text(given, "k8sServiceHost").isEmpty()) {
      // Without kube-proxy the API server's Service leads nowhere until an agent runs.
      URL server = client.getMasterUrl();
      values.put("k8sServiceHost", server.getHost());
      values.put(
          "k8sServicePort",
          Integer.toString(server.getPort() < 0 ? server.getDefaultPort() : server.getPort()));
      lines.add("ℹ️  Agents will reach the API server at %s".formatted(server.getAuthority()));
    }
  }

  /** Where the control plane gives nodes their pod CIDRs, those are used. */
  static void podCidrs(
      List<Node> nodes,
      Map<String, @Nullable Object> given,
      List<String> lines,
      Map<String, @Nullable Object> values) {
    List<String> cidrs =
        nodes.stream()
            .map(node -> Optional.ofNullable(node.getSpec().getPodCIDR()).orElse(""))
            .toList();
    boolean all = !cidrs.isEmpty() && cidrs.stream().noneMatch(String::isEmpty);
    if (all && Trees.at(given, "ipam", "mode").isEmpty()) {
      lines.add(
          "🔮 Auto-detected pod CIDRs of the nodes: %s%s"
              .formatted(
                  String.join(", ", cidrs.subList(0, Math.min(3, cidrs.size()))),
                  cidrs.size() > 3 ? ", …" : ""));
      Trees.put(values, "ipam.mode", "kubernetes");
    }
    if (Trees.at(given, "ipv6", "enabled").isEmpty()
        && nodes.stream().anyMatch(Detection::hasPodCidrOfV6)) {
      lines.add(
          "ℹ️  Nodes have pod CIDRs of IPv6: --set ipv6.enabled=true gives pods addresses of them");
    }
  }

  private static boolean hasPodCidrOfV6(Node node) {
    return node.getSpec().getPodCIDRs().stream().anyMatch(cidr -> cidr.contains(":"));
  }
}
