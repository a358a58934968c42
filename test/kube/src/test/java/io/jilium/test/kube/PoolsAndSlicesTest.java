// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.ClusterSpec;
import io.jilium.test.kube.kit.KubeNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Pods with addresses of several pools, endpoints in slices, in a cluster that had our kinds before
 * in an older and a newer form; and what nodes can do to it. The last test uninstalls.
 */
@Tag("kube")
@ResourceLock(JiliumCluster.OWN)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PoolsAndSlicesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String SCHEMA = "io.cilium.k8s.crd.schema.version";
  private static final String[] SETTINGS = {
    "ipam.mode=multi-pool",
    "ipam.operator.autoCreateCiliumPodIPPools.default.ipv4.cidrs[0]=10.10.0.0/16",
    "ipam.operator.autoCreateCiliumPodIPPools.default.ipv4.maskSize=26",
    "ciliumEndpointSlice.enabled=true"
  };

  private JiliumCluster cluster;
  private List<Pod> pods = List.of();

  @SuppressWarnings("NullAway.Init") // set before all
  PoolsAndSlicesTest() {}

  @BeforeAll
  void start() {
    cluster =
        JiliumCluster.withoutNetwork(
            ClusterSpec.of("pools-" + ProcessHandle.current().pid()).withoutDns());
    kind("ciliumnodes", "CiliumNode", "cn", "1.0.0");
    kind("ciliumcidrgroups", "CiliumCIDRGroup", "ccg", "99.0.0");
    cluster.install(SETTINGS);
  }

  @AfterAll
  void end() {
    cluster.close();
  }

  /** A kind with a schema that says nothing. */
  private void kind(String plural, String kind, String shortName, String schema) {
    cluster
        .kube()
        .apply(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %1$s.cilium.io, labels: {%4$s: %5$s}}
            spec:
              group: cilium.io
              scope: Cluster
              names: {plural: %1$s, kind: %2$s, shortNames: [%3$s]}
              versions:
              - name: v2
                served: true
                storage: true
                schema:
                  openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """
                .formatted(plural, kind, shortName, SCHEMA, schema));
  }

  private String schema(String plural) {
    return cluster.get("crd", plural + ".cilium.io").at("/metadata/labels").path(SCHEMA).asText();
  }

  @Test
  @Order(1)
  void kindsOfAnOlderSchemaWereBroughtUpToDateAndNewerOnesStay() {
    assertThat(schema("ciliumnodes")).isNotEqualTo("1.0.0").isEqualTo(schema("ciliumidentities"));
    assertThat(schema("ciliumcidrgroups")).isEqualTo("99.0.0");
  }

  @Test
  @Order(2)
  void podsHaveAddressesOfTheirPoolsAndTalk() {
    cluster
        .kube()
        .apply(
            """
            {"apiVersion": "cilium.io/v2alpha1", "kind": "CiliumPodIPPool", "metadata": {"name": "red"},
             "spec": {"ipv4": {"cidrs": ["10.20.0.0/16"], "maskSize": 30},
              "allowFirstIP": true, "allowLastIP": true}}
            """);
    cluster.kubectl("create", "namespace", "red");
    cluster.kubectl("annotate", "namespace", "red", "ipam.cilium.io/ip-pool=red");
    var specs = new ArrayList<PodSpec>();
    for (var node : cluster.nodes()) {
      specs.add(PodSpec.named("plain-" + node.name()).on(node));
      specs.add(PodSpec.named("red-" + node.name()).in("red").on(node));
    }
    pods = cluster.run(specs.toArray(PodSpec[]::new));
    cluster.route();
    for (Pod pod : pods) {
      assertThat(pod.address()).startsWith(pod.namespace().equals("red") ? "10.20." : "10.10.");
    }
    assertThat(pods.stream().map(Pod::address)).contains("10.20.0.0");
    JiliumCluster.eventually("all talk", PATIENCE, () -> cluster.assertAllTalk(pods));
  }

  @Test
  @Order(3)
  void theirEndpointsAreInSlices() {
    JiliumCluster.eventually(
        "slices",
        PATIENCE,
        () -> {
          var names = new ArrayList<String>();
          for (var slice : cluster.get("ciliumendpointslices").get("items")) {
            slice.get("endpoints").forEach(endpoint -> names.add(endpoint.get("name").asText()));
          }
          assertThat(names).containsAll(pods.stream().map(Pod::name).toList());
        });
    cluster.kubectl("-n", "red", "delete", "pod", "red-" + last().name(), "--timeout=60s");
    pods = pods.stream().filter(pod -> !pod.name().equals("red-" + last().name())).toList();
    JiliumCluster.eventually(
        "the slice of a pod that is gone",
        PATIENCE,
        () ->
            assertThat(cluster.get("ciliumendpointslices").toString())
                .doesNotContain("red-" + last().name()));
    cluster.assertAllTalk(pods);
  }

  @Test
  @Order(4)
  void podsInEveryPhaseLeaveNothing() {
    var before = cluster.nodes().stream().map(Inventory::ofPods).toList();
    String image = cluster.kube().image("busybox");
    phase("unschedulable", image, "\"nodeSelector\": {\"none\": \"such\"}", "sleep 600");
    phase("no-image", "none.invalid/none:1", "\"nodeName\": \"node-1\"", "true");
    phase("completed", image, "\"nodeName\": \"node-1\"", "true");
    phase("crashed", image, "\"nodeName\": \"node-1\"", "false");
    phase("late", image, "\"nodeName\": \"node-1\", \"activeDeadlineSeconds\": 5", "sleep 600");
    phase(
        "evicted",
        image,
        "\"nodeName\": \"node-2\", \"volumes\": [{\"name\": \"v\", \"emptyDir\":"
            + " {\"sizeLimit\": \"1Mi\"}}]",
        "dd if=/dev/zero of=/v/file bs=1M count=20; sleep 600");
    JiliumCluster.eventually(
        "each is in its phase",
        Duration.ofMinutes(3),
        () -> {
          assertThat(status("unschedulable")).isEqualTo("Pending/");
          assertThat(status("no-image")).isEqualTo("Pending/");
          assertThat(status("completed")).isEqualTo("Succeeded/");
          assertThat(status("crashed")).isEqualTo("Failed/");
          assertThat(status("late")).isEqualTo("Failed/DeadlineExceeded");
          assertThat(status("evicted")).isEqualTo("Failed/Evicted");
        });
    JiliumCluster.eventually(
        "those that ended hold no endpoint",
        PATIENCE,
        () ->
            assertThat(cluster.kubectl("get", "ciliumendpoints"))
                .doesNotContain("completed", "crashed", "late", "evicted", "unschedulable"));
    cluster.kubectl(
        "delete", "pod", "unschedulable", "no-image", "completed", "crashed", "late", "evicted");
    JiliumCluster.eventually(
        "the nodes are as before",
        PATIENCE,
        () ->
            assertThat(cluster.nodes().stream().map(Inventory::ofPods).toList()).isEqualTo(before));
    cluster.assertAllTalk(pods);
  }

  private void phase(String name, String image, String more, String script) {
    cluster
        .kube()
        .apply(
            """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%1$s", "namespace": "default"},
             "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, %3$s, "containers": [
              {"name": "c", "image": "%2$s", "imagePullPolicy": "%5$s",%6$s "command": ["sh", "-c", "%4$s"]}]}}
            """
                .formatted(
                    name,
                    image,
                    more,
                    script,
                    image.startsWith("none") ? "IfNotPresent" : "Never",
                    more.contains("volumes")
                        ? " \"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/v\"}],"
                        : ""));
  }

  /** Phase and reason. */
  private String status(String pod) {
    var status = cluster.get("pod", pod).get("status");
    return status.path("phase").asText() + "/" + status.path("reason").asText("");
  }

  /** As after a reinstallation of a machine: the same name, another object. */
  @Test
  @Order(5)
  void aNodeObjectThatIsDeletedComesBackAndItsPodsAreReached() {
    var node = last();
    cluster.kubectl("delete", "node", node.name());
    node.stop();
    JiliumCluster.eventually(
        "the CiliumNode goes as well",
        PATIENCE,
        () -> assertThat(cluster.kubectl("get", "ciliumnodes")).doesNotContain(node.name()));
    node.start();
    JiliumCluster.eventually(
        "the node is back",
        Duration.ofMinutes(3),
        () ->
            cluster.kubectl(
                "wait", "--for=condition=Ready", "node/" + node.name(), "--timeout=5s"));
    var fresh = cluster.run(PodSpec.named("on-the-node-that-is-back").on(node));
    cluster.route();
    pods = pods.stream().filter(pod -> !pod.node().name().equals(node.name())).toList();
    var all = new ArrayList<>(pods);
    all.addAll(fresh);
    JiliumCluster.eventually("all talk", PATIENCE, () -> cluster.assertAllTalk(all));
    cluster.delete(fresh.toArray(Pod[]::new));
  }

  @Test
  @Order(6)
  void uninstallNamesANodeThatIsDownAndCleansTheOthers() {
    var down = last();
    assertThat(Inventory.ofNetwork(cluster.nodes().getFirst()))
        .contains("/etc/sysctl.d/99-zzz-override_jilium.conf");
    down.stop();
    JiliumCluster.eventually(
        "the node is known to be down",
        Duration.ofMinutes(3),
        () ->
            cluster.kubectl(
                "wait", "--for=condition=Ready=Unknown", "node/" + down.name(), "--timeout=5s"));
    var result = cluster.tryJilium("uninstall", "--timeout", "60s");
    assertThat(result.succeeded()).as(result.output()).isFalse();
    assertThat(result.output())
        .contains("Node " + down.name() + " is not clean")
        .doesNotContain("Node " + cluster.nodes().getFirst().name() + " is not clean");
    assertThat(Inventory.ofNetwork(cluster.nodes().getFirst()))
        .doesNotContain("cilium_", "05-jilium", "jilium-cni", "override_jilium", "/var/run/jilium");
    down.start();
  }

  private KubeNode last() {
    return cluster.nodes().getLast();
  }
}
