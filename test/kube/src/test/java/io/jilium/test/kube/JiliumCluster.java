// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jilium.test.kube.kit.ClusterSpec;
import io.jilium.test.kube.kit.Command;
import io.jilium.test.kube.kit.KubeCluster;
import io.jilium.test.kube.kit.KubeException;
import io.jilium.test.kube.kit.KubeNode;
import io.jilium.test.kube.kit.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A cluster with Jilium installed as a user does it: image, {@code install}, {@code status}. */
final class JiliumCluster implements AutoCloseable {
  /** Held by a test with a cluster of its own: beside the tunnel's there is room for one more. */
  static final String OWN = "a cluster of its own";

  static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubeCluster cluster;
  private final boolean own;

  private JiliumCluster(KubeCluster cluster, boolean own) {
    this.cluster = cluster;
    this.own = own;
  }

  /** The settings of native routing, and others. */
  static String[] nativeRouting(String... others) {
    var settings = new ArrayList<>(List.of(others));
    settings.add("routingMode=native");
    settings.add("autoDirectNodeRoutes=true");
    settings.add("ipv4NativeRoutingCIDR=" + ClusterSpec.POD_CIDR);
    return settings.toArray(String[]::new);
  }

  /** A cluster of `./jilium kube`; it stays. */
  static JiliumCluster existing(String name) {
    var cluster = KubeCluster.find(name).map(found -> new JiliumCluster(found, false));
    cluster.ifPresent(JiliumCluster::route);
    return cluster.orElseThrow(() -> new AssertionError("no cluster " + name));
  }

  /** A cluster without a network. */
  static JiliumCluster withoutNetwork(ClusterSpec spec) {
    var cluster = KubeCluster.assumed(spec);
    try {
      cluster.nodes().parallelStream().forEach(node -> node.load(Launcher.image()));
      return new JiliumCluster(cluster, true);
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
  }

  /** A cluster in which Jilium runs; settings are KEY=VALUE with names of the Helm chart. */
  static JiliumCluster installed(ClusterSpec spec, String... settings) {
    var cluster = withoutNetwork(spec);
    try {
      cluster.install(settings);
      if (spec.dns()) {
        cluster.kube().awaitDns();
      }
      return cluster;
    } catch (Throwable e) {
      System.err.println(cluster.diagnosis());
      cluster.close();
      throw e;
    }
  }

  /** {@code install} and then {@code status --wait}; returns what both printed. */
  String install(String... settings) {
    var words = new ArrayList<>(List.of("install"));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    String output = jilium(words.toArray(String[]::new)) + jilium("status", "--wait");
    route();
    return output;
  }

  /** Tells the control plane, which is no node, by which node it reaches which pods. */
  void route() {
    for (var node : get("ciliumnodes").get("items")) {
      var cidrs = new ArrayList<String>();
      node.at("/spec/ipam/podCIDRs").forEach(cidr -> cidrs.add(cidr.asText()));
      for (var pool : node.at("/spec/ipam/pools/allocated")) {
        pool.get("cidrs").forEach(cidr -> cidrs.add(cidr.asText()));
      }
      for (var cidr : cidrs) {
        cluster.route(cidr, cluster.node(node.at("/metadata/name").asText()));
      }
    }
  }

  KubeCluster kube() {
    return cluster;
  }

  /** A verb of the command line against this cluster; it must succeed. */
  String jilium(String... arguments) {
    return command(arguments).run();
  }

  /** As above, whatever it ends with. */
  Command.Result tryJilium(String... arguments) {
    return command(arguments).attempt();
  }

  private Command command(String... arguments) {
    return Launcher.jilium(arguments).environment("KUBECONFIG", cluster.kubeconfig().toString());
  }

  String kubectl(String... arguments) {
    return cluster.kubectl(arguments);
  }

  /** Objects as JSON: {@code kubectl get ARGUMENTS -o json}. */
  JsonNode get(String... arguments) {
    var words = new ArrayList<>(List.of("get"));
    words.addAll(List.of(arguments));
    words.addAll(List.of("-o", "json"));
    try {
      return JSON.readTree(cluster.kubectl(words.toArray(String[]::new)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<KubeNode> nodes() {
    return cluster.nodes();
  }

  /** Makes pods that answer HTTP on port 8080 and waits until all are ready. */
  List<Pod> run(PodSpec... specs) {
    for (PodSpec spec : specs) {
      cluster.apply(spec.json(cluster.image("agnhost")));
    }
    return List.of(specs).stream().map(this::await).toList();
  }

  /** The pod once it is ready. */
  Pod await(PodSpec spec) {
    cluster.kubectl(
        "-n",
        spec.namespace(),
        "wait",
        "--for=condition=Ready",
        "pod/" + spec.name(),
        "--timeout=90s");
    var pod = get("-n", spec.namespace(), "pod", spec.name());
    return new Pod(
        spec.namespace(),
        spec.name(),
        cluster.node(pod.at("/spec/nodeName").asText()),
        pod.at("/status/podIP").asText());
  }

  void delete(Pod... pods) {
    for (Pod pod : pods) {
      cluster.kubectl("-n", pod.namespace(), "delete", "pod", pod.name(), "--wait=false");
    }
    for (Pod pod : pods) {
      cluster.kubectl(
          "-n", pod.namespace(), "wait", "--for=delete", "pod/" + pod.name(), "--timeout=60s");
    }
  }

  /** Asks a pod's web server from another pod; an answer is the name of the one that answers. */
  Command.Result fetch(Pod from, String address) {
    return from.command("curl", "-s", "--max-time", "5", "http://" + address + "/hostname")
        .attempt();
  }

  /** The name of the agent's pod on a node. */
  String agent(KubeNode node) {
    return get(
            "-n",
            "kube-system",
            "pods",
            "-l",
            "k8s-app=jilium",
            "--field-selector",
            "spec.nodeName=" + node.name())
        .at("/items/0/metadata/name")
        .asText();
  }

  /** Returns when every agent and the operator are ready and as configured. */
  void awaitRollout() {
    cluster.kubectl("-n", "kube-system", "rollout", "status", "daemonset/jilium", "--timeout=180s");
    cluster.kubectl(
        "-n", "kube-system", "rollout", "status", "deployment/jilium-operator", "--timeout=180s");
  }

  static void eventually(String what, Duration limit, Runnable assertion) {
    var last = new AssertionError[1];
    boolean held =
        Waiting.holds(
            limit,
            () -> {
              try {
                assertion.run();
                return true;
              } catch (AssertionError e) {
                last[0] = e;
              } catch (KubeException e) {
                last[0] = new AssertionError(e);
              }
              return false;
            });
    if (!held) {
      throw new AssertionError("%s: not after %d s".formatted(what, limit.toSeconds()), last[0]);
    }
  }

  /** What one looks at first when a cluster is not well. */
  String diagnosis() {
    var text = new StringBuilder();
    for (var words :
        List.of(
            List.of("get", "nodes,pods", "-A", "-o", "wide"),
            List.of("-n", "kube-system", "get", "events", "--sort-by=.lastTimestamp"),
            List.of(
                "-n",
                "kube-system",
                "logs",
                "-l",
                "k8s-app=jilium",
                "--all-containers",
                "--tail=30",
                "--prefix"),
            List.of(
                "-n",
                "kube-system",
                "logs",
                "-l",
                "io.cilium/app=operator",
                "--tail=30",
                "--prefix"))) {
      text.append("$ kubectl ").append(String.join(" ", words)).append('\n');
      text.append(cluster.kubectlCommand().with(words).attempt().output()).append('\n');
    }
    return text.toString();
  }

  /** Asserts that every pod reaches every other one by its address. */
  void assertAllTalk(List<Pod> pods) {
    for (Pod from : pods) {
      for (Pod to : pods) {
        assertThat(fetch(from, to.address() + ":8080").output())
            .as("%s to %s", from, to)
            .isEqualTo(to.name());
      }
    }
  }

  @Override
  public void close() {
    if (own) {
      cluster.close();
    }
  }
}
