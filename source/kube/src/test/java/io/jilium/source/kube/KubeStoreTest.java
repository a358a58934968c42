// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static io.jilium.source.kube.StoreCluster.await;
import static io.jilium.source.kube.StoreCluster.endpoint;
import static io.jilium.source.kube.StoreCluster.labels;
import static io.jilium.source.kube.StoreCluster.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Node;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PolicyObject;
import io.jilium.core.model.PolicyObject.Kind;
import io.jilium.core.model.PoolDemand;
import io.jilium.core.settings.Settings.IpamMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real API server. */
@Tag("kube")
class KubeStoreTest {
  private static final IpAddress HOST = IpAddress.parse("192.0.2.1");

  private static final String CLUSTER_NETWORK_POLICIES =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: clusternetworkpolicies.policy.networking.k8s.io
        annotations: {api-approved.kubernetes.io: unapproved}
      spec:
        group: policy.networking.k8s.io
        scope: Cluster
        names: {kind: ClusterNetworkPolicy, plural: clusternetworkpolicies, singular: clusternetworkpolicy}
        versions:
          - name: v1alpha2
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  @SuppressWarnings("NullAway.Init")
  private static StoreCluster cluster;

  @BeforeAll
  static void start(@TempDir Path directory) {
    cluster = StoreCluster.start(directory);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aNodeIsSeenWithTheLabelsOfItsKubernetesNodeAndGoesWithIt() {
    var a = cluster.join("seen-a");
    var b = cluster.join("seen-b");
    a.store().publishNode(node("seen-a", "192.0.2.1"));
    await(
        "b sees a",
        () ->
            b.events().stream()
                .anyMatch(event ->
                    event instanceof ClusterEvent.NodeChanged(var other)
                        && other.name().equals("seen-a")
                        && other.labels().equals(Map.of("zone", "here"))
                        && other.podCidrs().equals(List.of(IpPrefix.parse("10.1.2.0/24")))
                        && other.healthAddress(true).isPresent()
                        && other.routerAddress(true).isPresent()));
    assertThat(cluster.api().kubectl("get", "cn", "seen-a", "-o", "json"))
        .contains("\"kind\": \"Node\"", "\"bootid\": \"boot\"");
    assertThat(a.events())
        .contains(new ClusterEvent.PodCidrsAssigned(List.of(IpPrefix.parse("10.1.2.0/24")), ""));
    cluster.api().kubectl("delete", "node", "seen-a");
    cluster.api().kubectl("delete", "cn", "seen-a");
    await("b misses a", () -> b.saw(new ClusterEvent.NodeGone("default", "seen-a")));
  }

  @Test
  void aCiliumNodeThatSomebodyRemovesIsWrittenAgain() {
    var a = cluster.join("again");
    a.store().publishNode(node("again", "192.0.2.1"));
    await("written", a.store()::isWritten);
    cluster.api().kubectl("delete", "cn", "again");
    await("gone", () -> a.saw(new ClusterEvent.NodeGone("default", "again")));
    await("written again", a.store()::isWritten);
    assertThat(cluster.api().kubectl("get", "cn", "again", "-o", "name"))
        .contains("ciliumnode.cilium.io/again");
  }

  /** An agent that starts again knows its health address only some time later. */
  @Test
  void aNodeMayLoseItsHealthAddress() {
    var a = cluster.join("healthless");
    var before = node("healthless", "192.0.2.7");
    a.store().publishNode(before);
    await("written", a.store()::isWritten);
    var after =
        new Node(
            before.name(),
            before.cluster(),
            before.clusterId(),
            before.addresses(),
            before.podCidrs(),
            List.of(),
            before.labels(),
            "next boot");
    a.store().publishNode(after);
    await(
        "the new one",
        () ->
            cluster
                .api()
                .kubectl("get", "cn", "healthless", "-o", "jsonpath={.spec.bootid},{.spec.health}")
                .equals("next boot,"));
    assertThat(a.store().troubles()).isEmpty();
  }

  @Test
  void labelsThatNodesAskForAtOnceGetOneNumber() {
    var nodes = List.of(cluster.join("race-1"), cluster.join("race-2"), cluster.join("race-3"));
    var asked = new HashMap<Labels, List<CompletableFuture<Identity>>>();
    for (int i = 0; i < 30; i++) {
      var wanted = labels("race-" + i);
      var answers = new ArrayList<CompletableFuture<Identity>>();
      nodes.forEach(node -> answers.add(node.store().allocateIdentity(wanted)));
      asked.put(wanted, answers);
    }
    asked.forEach((wanted, answers) -> {
      answers.forEach(CompletableFuture::join);
      await(
          "one number for " + wanted,
          () ->
              nodes.stream()
                      .map(node -> node.store().allocateIdentity(wanted).join())
                      .distinct()
                      .count()
                  == 1);
    });
    assertThat(
            asked.keySet().stream()
                .map(wanted -> nodes.getFirst().store().allocateIdentity(wanted).join().id())
                .distinct())
        .hasSize(30);
  }

  @Test
  void ofTwoNumbersForTheSameLabelsTheLowestIsUsed() {
    var wanted = labels("twice");
    identity(40_000, wanted);
    var a = cluster.join("twice");
    assertThat(a.store().allocateIdentity(wanted).join().id()).isEqualTo(number(40_000));
    identity(30_000, wanted);
    await(
        "the lower number",
        () ->
            a.saw(
                new ClusterEvent.OwnIdentityReplaced(
                    new Identity(number(40_000), wanted), new Identity(number(30_000), wanted))));
  }

  @Test
  void aNumberInUseThatSomebodyRemovesIsMadeAgain() {
    var a = cluster.join("removed");
    var wanted = labels("removed");
    var id = a.store().allocateIdentity(wanted).join().id();
    await("known", () -> a.saw(new ClusterEvent.IdentityChanged(new Identity(id, wanted))));
    cluster.api().kubectl("delete", "ciliumid", id.toString());
    await("gone", () -> a.saw(new ClusterEvent.IdentityGone(id)));
    await("made again", a.store()::isWritten);
    assertThat(cluster.api().kubectl("get", "ciliumid", id.toString(), "-o", "json"))
        .contains("\"k8s:app\": \"removed\"");
  }

  @Test
  void policiesOfEveryKindAreSeenAsTheirAuthorsWroteThem() {
    var a = cluster.join("policies");
    cluster
        .api()
        .apply(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web, namespace: default}
            spec: {podSelector: {}, policyTypes: [Ingress]}
            ---
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: web, namespace: default, annotations: {note: dropped}}
            spec: {endpointSelector: {}, ingress: [{}]}
            ---
            apiVersion: cilium.io/v2
            kind: CiliumClusterwideNetworkPolicy
            metadata: {name: all}
            specs: [{nodeSelector: {}, egress: [{}]}]
            ---
            apiVersion: cilium.io/v2
            kind: CiliumCIDRGroup
            metadata: {name: offices, labels: {where: abroad}}
            spec: {externalCIDRs: [192.0.2.0/24]}
            """);
    var spec =
        Map.of(
            new PolicyObject.Id(Kind.NETWORK_POLICY, "default", "web"),
            "\"spec\":{\"podSelector\":{},\"policyTypes\":[\"Ingress\"]}",
            new PolicyObject.Id(Kind.CILIUM_NETWORK_POLICY, "default", "web"),
            "\"spec\":{\"endpointSelector\":{},\"ingress\":[{}]}",
            new PolicyObject.Id(Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY, "", "all"),
            "\"specs\":[{\"egress\":[{}],\"nodeSelector\":{}}]",
            new PolicyObject.Id(Kind.CIDR_GROUP, "", "offices"),
            "\"spec\":{\"externalCIDRs\":[\"192.0.2.0/24\"]}");
    spec.forEach((id, text) -> await(id.toString(), () -> content(a, id).contains(text)));
    assertThat(content(a, new PolicyObject.Id(Kind.CIDR_GROUP, "", "offices"))).contains("abroad");
    assertThat(content(a, new PolicyObject.Id(Kind.CILIUM_NETWORK_POLICY, "default", "web")))
        .doesNotContain("dropped", "managedFields");
    cluster.api().kubectl("delete", "cnp,netpol", "web");
    cluster.api().kubectl("delete", "ccnp/all", "ciliumcidrgroup/offices");
    spec.keySet()
        .forEach(id -> await("end of " + id, () -> a.saw(new ClusterEvent.PolicyGone(id))));
  }

  private static String content(StoreCluster.Joined node, PolicyObject.Id id) {
    return node.events().stream()
        .filter(ClusterEvent.PolicyChanged.class::isInstance)
        .map(event -> ((ClusterEvent.PolicyChanged) event).policy())
        .filter(policy -> policy.id().equals(id))
        .map(PolicyObject::content)
        .reduce("", (_, last) -> last);
  }

  /** Its definition is not ours: it comes, and goes, while we run. */
  @Test
  void clusterNetworkPoliciesAreSeenOnceTheirKindIsInstalled() {
    var a = cluster.join("optional");
    var id = new PolicyObject.Id(Kind.CLUSTER_NETWORK_POLICY, "", "admin");
    await("all is told although the kind is not there", a::isSynced);
    for (int times = 1; times <= 2; times++) {
      int count = times;
      cluster.api().apply(CLUSTER_NETWORK_POLICIES);
      cluster.api().kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
      await(
          "an object of it",
          () ->
              cluster
                  .api()
                  .kubectlCommand()
                  .with(List.of("apply", "-f", "-"))
                  .input(
                      """
                      {"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
                       "metadata": {"name": "admin"}, "spec": {"tier": "Admin"}}
                      """)
                  .attempt()
                  .succeeded());
      await(
          "it is seen",
          () ->
              a.events().stream()
                      .filter(event ->
                          event instanceof ClusterEvent.PolicyChanged(var policy)
                              && policy.id().equals(id)
                              && policy.content().contains("Admin"))
                      .count()
                  == count);
      cluster.api().kubectl("delete", "crd", "clusternetworkpolicies.policy.networking.k8s.io");
      await("it went with its kind", () -> count(a, new ClusterEvent.PolicyGone(id)) == count);
    }
    assertThat(count(a, new ClusterEvent.Synced(ClusterEvent.Topic.CLUSTER_NETWORK_POLICIES)))
        .isEqualTo(1);
    assertThat(a.store().troubles()).isEmpty();
  }

  private static long count(StoreCluster.Joined node, ClusterEvent wanted) {
    return node.events().stream().filter(wanted::equals).count();
  }

  @Test
  void anEndpointStandsUnderItsPodAndIsSeenByOthers() {
    var a = cluster.join("pods-a");
    var b = cluster.join("pods-b");
    a.store().publishNode(node("pods-a", HOST.toString()));
    var address = IpAddress.parse("10.1.2.30");
    var id = number(3000);
    a.store().publishEndpoint(endpoint(12, "web", "10.1.2.30", id), HOST);
    cluster.pod("default", "web", "pods-a");
    var mapping = new IpMapping(address, HOST, id, new PodName("default", "web"), 0);
    await("b sees the pod", () -> b.saw(new ClusterEvent.AddressChanged(mapping)));
    var object = cluster.api().kubectl("get", "cep", "web", "-o", "json");
    assertThat(object)
        .contains(
            "\"kind\": \"Pod\"",
            "\"cni-attachment-id\": \"container-12:eth0\"",
            "\"k8s:app=web\"",
            "\"name\": \"web\"",
            "\"port\": 8080",
            "\"state\": \"ready\"");
    a.store()
        .publishEndpoint(
            endpoint(12, "web", "10.1.2.30", id)
                .withState(EndpointState.WAITING_TO_REGENERATE)
                .withState(EndpointState.REGENERATING)
                .withState(EndpointState.NOT_READY),
            HOST);
    await(
        "its state",
        () ->
            cluster
                .api()
                .kubectl("get", "cep", "web", "-o", "jsonpath={.status.state}")
                .equals("not-ready"));
    a.store().withdrawEndpoint(12);
    await("b misses the pod", () -> b.saw(new ClusterEvent.AddressGone(address)));
  }

  @Test
  void whatAFormerRunLeftGoesAndWhatAnotherNodeWroteStays() {
    var a = cluster.join("former");
    var host = IpAddress.parse("192.0.2.66");
    a.store().publishNode(node("former", host.toString()));
    cluster.pod("default", "kept", "former");
    for (var name : List.of("former-1", "elsewhere", "kept")) {
      var owner = name.equals("elsewhere") ? "192.0.2.67" : host.toString();
      cluster.api().apply(ciliumEndpoint(name, owner));
    }
    a.store().publishEndpoint(endpoint(5, "kept", "10.1.2.7", number(3001)), host);
    await("synced", a::isSynced);
    a.store().removeLeftovers();
    await("swept", a.store()::isWritten);
    await(
        "the leftover is gone",
        () -> !cluster.api().kubectl("get", "cep", "-o", "name").contains("former-1"));
    assertThat(cluster.api().kubectl("get", "cep", "-o", "name")).contains("elsewhere", "kept");
  }

  @Test
  void aPodIsReadAtOnceWhenSomebodyAsks() {
    var a = cluster.join("asked");
    cluster.pod("default", "asked", "asked");
    a.store().lookUp(new PodName("default", "asked"));
    await(
        "the pod",
        () ->
            a.events().stream()
                .anyMatch(event ->
                    event instanceof ClusterEvent.PodChanged(var pod)
                        && pod.labels().equals(Map.of("app", "asked"))));
  }

  @Test
  void aMissingRightIsNamedAndItsGrantIsNoticed() {
    cluster.api().kubectl("create", "namespace", "rights");
    cluster.api().kubectl("create", "serviceaccount", "agent", "-n", "rights");
    var account = cluster.api().serviceAccount("rights", "agent");
    var a = cluster.join("rights", account);
    await(
        "the trouble",
        () ->
            a.store().troubles().stream()
                .anyMatch(
                    sentence -> sentence.contains("verb list on resource ciliumnodes.cilium.io")));
    cluster
        .api()
        .kubectl(
            "create",
            "clusterrolebinding",
            "rights",
            "--clusterrole=cluster-admin",
            "--serviceaccount=rights:agent");
    await("no trouble", () -> a.store().troubles().isEmpty() && a.isSynced());
    assertThat(a.store().connectivity()).isInstanceOf(Connectivity.Connected.class);
  }

  @Test
  void settingsOfANodeAreThoseOfTheSelectorsThatFitLastByName() {
    var _ = cluster.join("configured");
    nodeConfig("b-all", "{}", "{\"mtu\": \"1400\", \"debug\": \"true\"}");
    nodeConfig("c-zone", "{\"matchLabels\": {\"zone\": \"here\"}}", "{\"mtu\": \"1450\"}");
    nodeConfig("d-other", "{\"matchLabels\": {\"zone\": \"there\"}}", "{\"mtu\": \"9000\"}");
    try (var api = KubeApi.open(KubeAccess.of(cluster.api().kubeconfig()), "jilium-test")) {
      assertThat(NodeConfigs.read(api, "configured", "default"))
          .isEqualTo(Map.of("mtu", "1450", "debug", "true"));
      assertThat(NodeConfigs.read(api, "configured", "kube-system")).isEmpty();
    }
  }

  @Test
  void poolsAreAskedForGivenAndGivenBack() {
    var a = cluster.join("pools", IpamMode.MULTI_POOL);
    a.store().publishNode(node("pools", "192.0.2.1"));
    a.store().requestPools(List.of(new PoolDemand("default", 8, 0)), List.of());
    await("written", a.store()::isWritten);
    assertThat(cluster.api().kubectl("get", "cn", "pools", "-o", "jsonpath={.spec.ipam.pools}"))
        .contains("\"ipv4-addrs\":8");
    cluster
        .api()
        .kubectl(
            "patch",
            "cn",
            "pools",
            "--type=merge",
            "-p",
            "{\"spec\":{\"ipam\":{\"pools\":{\"allocated\":[{\"pool\":\"default\",\"cidrs\":"
                + "[\"10.5.0.0/28\",\"10.5.0.16/28\"]}]}}}}");
    var first = PodCidr.parse("10.5.0.0/28");
    var second = PodCidr.parse("10.5.0.16/28");
    await(
        "given",
        () -> a.saw(new ClusterEvent.PoolsAssigned(Map.of("default", List.of(first, second)), "")));
    a.store().requestPools(List.of(new PoolDemand("default", 8, 0)), List.of(second.prefix()));
    await(
        "given back",
        () -> a.saw(new ClusterEvent.PoolsAssigned(Map.of("default", List.of(first)), "")));
  }

  @Test
  void aPodNamesItsPoolOrItsNamespaceDoesOrSelectorsDo() {
    var a = cluster.join("choice", IpamMode.MULTI_POOL);
    cluster.api().kubectl("create", "namespace", "painted");
    cluster.api().kubectl("annotate", "ns", "painted", "ipam.cilium.io/ip-pool=blue");
    cluster
        .api()
        .apply(
            """
            {"apiVersion": "cilium.io/v2alpha1", "kind": "CiliumPodIPPool", "metadata": {"name": "green"},
             "spec": {"ipv4": {"cidrs": ["10.6.0.0/16"], "maskSize": 24},
               "podSelector": {"matchLabels": {"app": "leaf"}}}}
            """);
    for (var name : List.of("plain", "leaf", "named")) {
      cluster.pod("default", name, "choice");
    }
    cluster.pod("painted", "inside", "choice");
    cluster.api().kubectl("annotate", "pod", "named", "ipam.cilium.io/ip-pool=red");
    await("red", () -> pool(a, "default", "named").equals("red"));
    await("blue", () -> pool(a, "painted", "inside").equals("blue"));
    await("green", () -> pool(a, "default", "leaf").equals("green"));
    assertThat(pool(a, "default", "plain")).isEqualTo("default");
  }

  private static String pool(StoreCluster.Joined node, String namespace, String pod) {
    return node.store().poolOf(new PodName(namespace, pod), true);
  }

  private static void nodeConfig(String name, String selector, String defaults) {
    cluster
        .api()
        .apply(
            """
            {"apiVersion": "cilium.io/v2", "kind": "CiliumNodeConfig",
             "metadata": {"name": "%s", "namespace": "default"},
             "spec": {"nodeSelector": %s, "defaults": %s}}
            """
                .formatted(name, selector, defaults));
  }

  private static NumericIdentity number(int value) {
    return new NumericIdentity(value);
  }

  private static void identity(int id, Labels labels) {
    cluster.api().apply(CiliumIdentities.write(number(id), labels).toString());
  }

  private static String ciliumEndpoint(String name, String host) {
    return """
    {"apiVersion": "cilium.io/v2", "kind": "CiliumEndpoint",
     "metadata": {"name": "%s", "namespace": "default"},
     "status": {"id": 9, "state": "ready", "identity": {"id": 4000, "labels": []},
       "networking": {"node": "%s", "addressing": [{"ipv4": "10.1.3.%d"}]}}}
    """
        .formatted(name, host, Math.floorMod(name.hashCode(), 250) + 1);
  }
}
