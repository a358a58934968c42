// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.settings.Settings;
import io.jilium.operator.kube.LeaseElection.Timing;
import io.jilium.operator.serve.OperatorConfig;
import io.jilium.source.kube.KubeAccess;
import io.jilium.source.kube.KubeApi;
import io.jilium.test.kit.Await;
import io.jilium.test.kube.kit.ApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Operators around a real API server whose objects nobody else acts upon. */
@Tag("kube")
@Execution(ExecutionMode.CONCURRENT) // each has a server of its own
class KubeOperatorTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(4), Duration.ofSeconds(3), Duration.ofMillis(500));

  @TempDir Path directory;
  private static final String UP =
      "jsonpath={.status.conditions[?(@.type==\"NetworkUnavailable\")].status}";

  private ApiServer server;
  private final List<AutoCloseable> running = new ArrayList<>();

  @BeforeEach
  void start() {
    server = ApiServer.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : running.reversed()) {
      part.close();
    }
    server.close();
  }

  private KubeOperator operator(String name, Map<String, String> flags) {
    return operator(name, flags, server.kubeconfig());
  }

  private KubeOperator operator(String name, Map<String, String> flags, Path kubeconfig) {
    Map<String, String> settings = new HashMap<>(flags);
    settings.remove("auto-create-cilium-pod-ip-pools");
    var config =
        new OperatorConfig(
            name,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Settings.of(List.of(settings), Map.of(), List.of()));
    var around =
        new KubeOperator.Surroundings(
            "kube-system", Map.of("k8s-app", "jilium"), OperatorFlags.of(flags));
    KubeOperator operator =
        KubeOperator.start(
            KubeApi.open(KubeAccess.of(kubeconfig), "test"),
            config,
            around,
            TIMING,
            Duration.ofSeconds(2));
    running.add(operator);
    return operator;
  }

  private void operatorWithKinds(Map<String, String> flags) {
    operator("one", flags);
    awaitKinds();
  }

  private void awaitKinds() {
    Await.until(
        "the kinds are there",
        LIMIT,
        () ->
            server
                .kubectlCommand()
                .with(
                    List.of(
                        "wait",
                        "--for=condition=Established",
                        "crd/ciliumnodeconfigs.cilium.io",
                        "--timeout=1s"))
                .attempt()
                .succeeded());
  }

  private void until(String expected, String... get) {
    Await.until(
        String.join(" ", get) + " gives " + expected,
        LIMIT,
        () -> read(get).equals(expected),
        () -> "but " + read(get));
  }

  private String read(String... get) {
    List<String> words = new ArrayList<>(List.of("get", "--ignore-not-found"));
    words.addAll(List.of(get));
    return server.kubectlCommand().with(words).attempt().output().strip();
  }

  private void node(String name, String spec) {
    server.apply("{apiVersion: v1, kind: Node, metadata: {name: %s}}".formatted(name));
    server.apply(
        "{apiVersion: cilium.io/v2, kind: CiliumNode, metadata: {name: %s}, spec: %s}"
            .formatted(name, spec));
  }

  private void loadBalancer(String name) {
    server.apply(
        """
        {apiVersion: v1, kind: Service, metadata: {name: %s, namespace: default},
         spec: {type: LoadBalancer, ports: [{port: 80}]}}
        """
            .formatted(name));
  }

  private void runningPod(String namespace, String name, String label) {
    pod(namespace, name, label);
    ready(namespace, name, true);
  }

  private void pod(String namespace, String name, String label) {
    server.apply(
        """
        {apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {k8s-app: %s}},
         spec: {nodeName: node-a, containers: [{name: c, image: none}]}}
        """
            .formatted(name, namespace, label));
  }

  private void ready(String namespace, String name, boolean ready) {
    server.kubectl(
        "patch",
        "pod",
        name,
        "-n",
        namespace,
        "--subresource=status",
        "--type=merge",
        "-p",
        """
        {"status": {"phase": "Running",
          "conditions": [{"type": "Ready", "status": "%s"}]}}
        """
            .formatted(ready ? "True" : "False"));
  }

  @Test
  void everyNodeHasPodCidrsAndThoseOfANodeThatIsGoneAreFree() {
    operatorWithKinds(Map.of("cluster-pool-ipv4-cidr", "10.244.0.0/23"));
    node("node-b", "{ipam: {podCIDRs: [10.244.0.0/24]}}");
    node("node-a", "{}");
    until("[\"10.244.1.0/24\"]", "cn", "node-a", "-o", "jsonpath={.spec.ipam.podCIDRs}");

    node("node-c", "{}");
    Await.until(
        "the third node is told that none is left",
        LIMIT,
        () ->
            read("cn", "node-c", "-o", "jsonpath={.status.ipam.operator-status.error}")
                .contains("exhausted"));

    server.kubectl("delete", "node", "node-b");
    until("", "cn", "node-b");
    until("[\"10.244.0.0/24\"]", "cn", "node-c", "-o", "jsonpath={.spec.ipam.podCIDRs}");
    until("", "cn", "node-c", "-o", "jsonpath={.status.ipam.operator-status.error}");
  }

  @Test
  void nodesHaveWhatTheyAskForOfPools() {
    operatorWithKinds(
        Map.of(
            "ipam",
            "multi-pool",
            "auto-create-cilium-pod-ip-pools",
            "default=ipv4-cidrs:10.10.0.0/16;ipv4-mask-size:28"));
    until("10.10.0.0/16", "cpip", "default", "-o", "jsonpath={.spec.ipv4.cidrs[0]}");
    node("node-a", "{ipam: {pools: {requested: [{pool: default, needed: {ipv4-addrs: 20}}]}}}");
    until(
        "10.10.0.0/28 10.10.0.16/28",
        "cn",
        "node-a",
        "-o",
        "jsonpath={.spec.ipam.pools.allocated[0].cidrs[*]}");

    server.kubectl(
        "patch",
        "cn",
        "node-a",
        "--type=merge",
        "-p",
        """
        {"spec": {"ipam": {"pools": {"requested": [{"pool": "default", "needed": {"ipv4-addrs": 3}}],
          "allocated": [{"pool": "default", "cidrs": ["10.10.0.16/28"]}]}}}}
        """);
    node("node-b", "{ipam: {pools: {requested: [{pool: none, needed: {ipv4-addrs: 1}}]}}}");
    until(
        "there is no pool none",
        "cn",
        "node-b",
        "-o",
        "jsonpath={.status.ipam.operator-status.error}");
    until(
        "10.10.0.16/28", "cn", "node-a", "-o", "jsonpath={.spec.ipam.pools.allocated[0].cidrs[*]}");
  }

  @Test
  void endpointsWithoutPodsAndIdentitiesWithoutEndpointsAreRemoved() {
    operatorWithKinds(
        Map.of(
            "identity-gc-interval",
            "1s",
            "identity-heartbeat-timeout",
            "1s",
            "enable-cilium-endpoint-slice",
            "true"));
    runningPod("default", "web", "web");
    for (String pod : List.of("web", "gone")) {
      server.apply(
          """
          {apiVersion: cilium.io/v2, kind: CiliumEndpoint, metadata: {name: %s, namespace: default},
           status: {identity: {id: 300}, networking: {addressing: [{ipv4: 10.0.0.7}]}}}
          """
              .formatted(pod));
    }
    for (String identity : List.of("300", "301")) {
      server.apply(
          "{apiVersion: cilium.io/v2, kind: CiliumIdentity, metadata: {name: '%s'}, security-labels: {}}"
              .formatted(identity));
    }

    until("ciliumendpoint.cilium.io/web", "cep", "-A", "-o", "name");
    until("ciliumidentity.cilium.io/300", "ciliumid", "-o", "name");
    until("web", "ces", "-o", "jsonpath={.items[*].endpoints[*].name}");
    until("default", "ces", "-o", "jsonpath={.items[*].namespace}");
  }

  @Test
  void servicesHaveAddressesOfPools() {
    operatorWithKinds(Map.of());
    server.apply(
        "{apiVersion: cilium.io/v2, kind: CiliumLoadBalancerIPPool, metadata: {name: p}, spec: {blocks: [{cidr:"
            + " 203.0.113.0/30}], allowFirstLastIPs: 'No'}}");
    for (String service : List.of("a", "b", "c")) {
      loadBalancer(service);
      if (!service.equals("c")) {
        until(
            service.equals("a") ? "203.0.113.1" : "203.0.113.2",
            "svc",
            service,
            "-o",
            "jsonpath={.status.loadBalancer.ingress[*].ip}");
      }
    }
    until(
        "False out_of_ips",
        "svc",
        "c",
        "-o",
        "jsonpath={.status.conditions[*]['status','reason']}");
    until(
        "0",
        "ippool",
        "p",
        "-o",
        "jsonpath={.status.conditions[?(@.type==\"cilium.io/IPsAvailable\")].message}");

    server.kubectl(
        "patch", "svc", "a", "--type=merge", "-p", "{\"spec\":{\"type\":\"ClusterIP\"}}");
    until("203.0.113.1", "svc", "c", "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}");
    until("", "svc", "a", "-o", "jsonpath={.status.conditions}");
  }

  @Test
  void aNodeTakesPodsWhenItsAgentIsReadyAndPodsFromBeforeComeUpAgain() {
    operatorWithKinds(Map.of("unmanaged-pod-watcher-interval", "1"));
    server.apply(
        "{apiVersion: v1, kind: Node, metadata: {name: node-a}, spec: {taints: [{key: node.cilium.io/agent-not-ready,"
            + " effect: NoExecute}, {key: other, effect: NoSchedule}]}}");
    runningPod("kube-system", "coredns", "kube-dns");
    runningPod("default", "web", "web");
    assertThat(read("pod", "-n", "kube-system", "coredns", "-o", "name")).isEqualTo("pod/coredns");

    runningPod("kube-system", "agent", "jilium");

    until(
        "other",
        "node",
        "node-a",
        "-o",
        "jsonpath={.spec.taints[?(@.key!=\"node.kubernetes.io/not-ready\")].key}");
    until(
        "False CiliumIsUp",
        "node",
        "node-a",
        "-o",
        "jsonpath={.status.conditions[?(@.type==\"NetworkUnavailable\")]['status','reason']}");
    Await.until(
        "the pod without an endpoint is removed",
        LIMIT,
        () ->
            read("pod", "-n", "kube-system", "coredns").isEmpty()
                || !read(
                        "pod",
                        "-n",
                        "kube-system",
                        "coredns",
                        "-o",
                        "jsonpath={.metadata.deletionTimestamp}")
                    .isEmpty());
    assertThat(read("pod", "web", "-o", "jsonpath={.metadata.deletionTimestamp}")).isEmpty();
  }

  @Test
  void aNodeWhoseAgentIsNotReadyAnyMoreTakesNoPodsUntilItIs() {
    operatorWithKinds(Map.of("set-cilium-node-taints", "true"));
    server.apply("{apiVersion: v1, kind: Node, metadata: {name: node-a}}");
    server.apply("{apiVersion: v1, kind: Node, metadata: {name: without-agent}}");
    String taints =
        "jsonpath={range .spec.taints[?(@.key!=\"node.kubernetes.io/not-ready\")]}{.key}:{.effect}{end}";
    runningPod("kube-system", "agent", "jilium");
    until("False", "node", "node-a", "-o", UP);
    assertThat(read("node", "node-a", "-o", taints)).isEmpty();

    ready("kube-system", "agent", false);
    until("node.cilium.io/agent-not-ready:NoSchedule", "node", "node-a", "-o", taints);

    ready("kube-system", "agent", true);
    until("", "node", "node-a", "-o", taints);
    assertThat(read("node", "without-agent", "-o", taints)).isEmpty();
  }

  @Test
  void whatIsNotActedOnSaysSo() {
    operatorWithKinds(Map.of());
    server.apply(
        "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: p, namespace: default}, spec:"
            + " {endpointSelector: {}, ingress: [{}]}}");

    until(
        "cilium.io/Enforced False NotImplemented",
        "cnp",
        "p",
        "-o",
        "jsonpath={.status.conditions[0]['type','status','reason']}");
  }

  @Test
  void definitionsOfAnOlderSchemaAreBroughtUpToDateAndNewerOnesAreLeftAlone() throws Exception {
    operatorWithKinds(Map.of());
    for (AutoCloseable part : running) {
      part.close();
    }
    running.clear();
    for (String[] crd : new String[][] {{"ciliumnodes", "1.0.0"}, {"ciliumcidrgroups", "99.0"}}) {
      server.kubectl(
          "patch",
          "crd",
          crd[0] + ".cilium.io",
          "--type=merge",
          "-p",
          """
          {"metadata": {"labels": {"io.cilium.k8s.crd.schema.version": "%s"}},
           "spec": {"names": {"shortNames": ["odd%s"]}}}
          """
              .formatted(crd[1], crd[0]));
    }

    operator("two", Map.of());

    until(
        "[\"cn\",\"ciliumn\"]",
        "crd",
        "ciliumnodes.cilium.io",
        "-o",
        "jsonpath={.spec.names.shortNames}");
    assertThat(
            read("crd", "ciliumcidrgroups.cilium.io", "-o", "jsonpath={.spec.names.shortNames[0]}"))
        .isEqualTo("oddciliumcidrgroups");
  }

  @Test
  void oneLeadsAndTheOtherTakesOver() {
    KubeOperator one = operator("one", Map.of());
    Await.until("one leads", LIMIT, one::isLeading);
    KubeOperator two = operator("two", Map.of());
    Await.until("two answers", LIMIT, () -> page(two, "/healthz").equals("ok\n"));
    assertThat(two.isLeading()).isFalse();

    one.close();
    running.remove(one);

    Await.until("two leads", LIMIT, two::isLeading);
    assertThat(page(two, "/metrics"))
        .contains("cilium_operator_leader_election_master_status{name=\"two\"} 1.0");
  }

  @Test
  void aLeaderThatCannotRenewStopsInTimeAndGoesOnLater() {
    KubeOperator one = operator("one", Map.of("cluster-pool-ipv4-cidr", "10.244.0.0/16"));
    Await.until("one leads", LIMIT, one::isLeading);
    server.stop();
    Await.until("one stops", LIMIT, () -> !one.isLeading());
    Await.until(
        "it says why",
        LIMIT,
        () -> page(one, "/healthz").equals("the API server does not answer\n"));

    server.restart();

    Await.until("one leads again", LIMIT, one::isLeading);
    node("node-a", "{}");
    until("[\"10.244.0.0/24\"]", "cn", "node-a", "-o", "jsonpath={.spec.ipam.podCIDRs}");
  }

  @Test
  void aMissingRightStopsOneDutyUntilItIsThere() {
    server.apply(
        """
        {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: most}, rules: [
          {apiGroups: [""], resources: [nodes, nodes/status, pods], verbs: ["*"]},
          {apiGroups: [apiextensions.k8s.io, cilium.io, coordination.k8s.io], resources: ["*"], verbs: ["*"]}]}
        """);
    Path account = server.serviceAccount("kube-system", "limited");
    server.kubectl(
        "create",
        "clusterrolebinding",
        "most",
        "--clusterrole=most",
        "--serviceaccount=kube-system:limited");
    operator("limited", Map.of("cluster-pool-ipv4-cidr", "10.244.0.0/16"), account);
    awaitKinds();
    node("node-a", "{}");
    until("[\"10.244.0.0/24\"]", "cn", "node-a", "-o", "jsonpath={.spec.ipam.podCIDRs}");
    loadBalancer("a");
    server.apply(
        "{apiVersion: cilium.io/v2, kind: CiliumLoadBalancerIPPool, metadata: {name: p}, spec: {blocks: [{cidr:"
            + " 203.0.113.0/30}]}}");

    server.kubectl(
        "create",
        "clusterrole",
        "rest",
        "--verb=list,watch,patch",
        "--resource=services,services/status");
    server.kubectl(
        "create",
        "clusterrolebinding",
        "rest",
        "--clusterrole=rest",
        "--serviceaccount=kube-system:limited");

    until("203.0.113.0", "svc", "a", "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}");
  }

  private static String page(KubeOperator operator, String path) {
    var uri = URI.create("http://127.0.0.1:" + operator.port() + path);
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
