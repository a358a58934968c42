// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CNI's verbs from the socket to the kernel, in throw-away namespaces. */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EndpointKernelTest {
  private static final JsonMapper JSON = new JsonMapper();

  private NodeProcess node;

  @BeforeAll
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    node = NodeProcess.create("verbs");
    node.start("-");
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @AfterEach
  void leavesNothing() throws IOException {
    assertThat(node.traces()).isEmpty();
    assertThat(node.list("list")).isEmpty();
  }

  static String config(String version) {
    return "{\"cniVersion\":\"%s\",\"name\":\"jilium\",\"type\":\"jilium-cni\"}".formatted(version);
  }

  static Map<String, String> variables(String container, Path netns) {
    return Map.of(
        "CNI_CONTAINERID", container, "CNI_IFNAME", "eth0", "CNI_NETNS", netns.toString());
  }

  private void delete(String container, Path netns) throws IOException {
    var answer = node.call("DEL", variables(container, netns), config("1.0.0"));
    assertThat(answer).isEqualTo(new NodeProcess.Answer(0, ""));
  }

  private JsonNode error(NodeProcess.Answer answer) throws IOException {
    assertThat(answer.exitCode()).isEqualTo(1);
    return JSON.readTree(answer.body());
  }

  @ParameterizedTest
  @EnumSource(CniVersion.class)
  void addAnswersInTheVersionThatWasAskedFor(CniVersion version) throws IOException {
    var pod = node.pod(version.name());
    var answer = node.call("ADD", variables("version", pod), config(version.text()));
    assertThat(answer.exitCode()).as(answer.body()).isZero();
    var result = JSON.readTree(answer.body());
    assertThat(result.get("cniVersion").asText()).isEqualTo(version.text());
    assertThat(result.at("/ips/0/address").asText()).startsWith("10.200.").endsWith("/32");
    assertThat(result.at("/ips/1/address").asText()).startsWith("fd00:200:").endsWith("/128");
    assertThat(result.at("/ips/0").has("version")).isEqualTo(!version.atLeast(CniVersion.V1_0_0));
    assertThat(result.at("/interfaces/1").has("mtu")).isEqualTo(version.atLeast(CniVersion.V1_1_0));
    delete("version", pod);
  }

  @Test
  void podHasRoutesByTheRouterAndCheckNoticesThatOneIsMissing() throws IOException {
    var pod = node.pod("routes");
    var added = node.call("ADD", variables("routes", pod), config("1.1.0"));
    var check = (ObjectNode) JSON.readTree(config("1.1.0"));
    check.set("prevResult", JSON.readTree(added.body()));
    assertThat(node.call("CHECK", variables("routes", pod), check.toString()))
        .isEqualTo(new NodeProcess.Answer(0, ""));
    try (var netns = Netns.open(pod);
        var inside = NetlinkSocket.open(netns)) {
      for (var family : Family.values()) {
        var routes =
            inside.list(Routes.table(family, Route.TABLE_MAIN)).stream()
                .map(Route::toString)
                .toList();
        var router = family == Family.IPV4 ? "10.200.0.1" : "fd00:200::1";
        assertThat(routes)
            .anySatisfy(r -> assertThat(r).startsWith("default via " + router).endsWith("mtu 1450"))
            .anySatisfy(r -> assertThat(r).startsWith(router + "/"));
      }
      var all = inside.list(Routes.table(Family.IPV4, Route.TABLE_MAIN));
      var first = all.stream().filter(r -> r.destination().length() == 0).findFirst();
      inside.apply(Routes.delete(first.orElseThrow()));
    }
    var error = error(node.call("CHECK", variables("routes", pod), check.toString()));
    assertThat(error.get("code").asInt()).isEqualTo(100);
    assertThat(error.get("msg").asText())
        .contains("route default via 10.200.0.1")
        .contains("missing");
    delete("routes", pod);
    error = error(node.call("CHECK", variables("routes", pod), check.toString()));
    assertThat(error.get("code").asInt()).isEqualTo(3);
  }

  @Test
  void addAgainReplacesTheFirst() throws IOException {
    var pod = node.pod("twice");
    var first = node.call("ADD", variables("twice", pod), config("1.0.0"));
    var second = node.call("ADD", variables("twice", pod), config("1.0.0"));
    assertThat(second.exitCode()).as(second.body()).isZero();
    assertThat(second.body()).isNotEqualTo(first.body());
    assertThat(node.podDevices()).hasSize(1);
    delete("twice", pod);
    delete("twice", pod);
  }

  @Test
  void onePodMayHaveTwoContainers() throws IOException {
    var one = node.pod("one");
    var two = node.pod("two");
    var variables = new HashMap<>(variables("c1", one));
    variables.put("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web");
    assertThat(node.call("ADD", variables, config("1.0.0")).exitCode()).isZero();
    variables.putAll(variables("c2", two));
    assertThat(node.call("ADD", variables, config("1.0.0")).exitCode()).isZero();
    assertThat(node.list("list")).hasSize(2);
    delete("c1", one);
    delete("c2", two);
  }

  @Test
  void addIntoWhatIsNoNamespaceSaysSo() throws IOException {
    var gone =
        error(node.call("ADD", variables("x", Path.of("/run/netns/no-such")), config("1.0.0")));
    assertThat(gone.get("code").asInt()).isEqualTo(4);
    assertThat(gone.get("msg").asText()).isEqualTo("CNI_NETNS /run/netns/no-such does not exist");
    var file = error(node.call("ADD", variables("x", Path.of("/etc/passwd")), config("1.0.0")));
    assertThat(file.get("msg").asText()).contains("/etc/passwd is no network namespace");
  }

  @Test
  void addOverAForeignInterfaceIsRefused() throws IOException {
    var pod = node.pod("foreign");
    try (var netns = Netns.open(pod);
        var inside = NetlinkSocket.open(netns)) {
      inside.apply(Links.createVeth(LinkSettings.named("eth0"), LinkSettings.named("peer0")));
    }
    var error = error(node.call("ADD", variables("foreign", pod), config("1.0.0")));
    assertThat(error.get("msg").asText()).contains("eth0 exists already");
  }

  @Test
  void delAfterTheNamespaceVanishedSucceeds() throws IOException {
    var pod = node.pod("vanish");
    assertThat(node.call("ADD", variables("vanish", pod), config("1.0.0")).exitCode()).isZero();
    Netns.delete(pod);
    delete("vanish", pod);
    delete("never-seen", pod);
  }

  @Test
  void gcRemovesWhatTheRuntimeDoesNotName() throws IOException {
    var pods = new ArrayList<Path>();
    for (int i = 0; i < 4; i++) {
      pods.add(node.pod("gc" + i));
      assertThat(node.call("ADD", variables("gc" + i, pods.get(i)), config("1.1.0")).exitCode())
          .isZero();
    }
    var config = (ObjectNode) JSON.readTree(config("1.1.0"));
    config
        .putArray("cni.dev/valid-attachments")
        .addObject()
        .put("containerID", "gc2")
        .put("ifname", "eth0");
    assertThat(node.call("GC", Map.of(), config.toString()).exitCode()).isZero();
    assertThat(node.podDevices()).containsExactly(new Attachment("gc2", "eth0").deviceName());
    delete("gc2", pods.get(2));
  }

  @Test
  void removedInterfaceIsReportedAndDelStillWorks() throws IOException {
    var pod = node.pod("byhand");
    assertThat(node.call("ADD", variables("byhand", pod), config("1.0.0")).exitCode()).isZero();
    var device = new Attachment("byhand", "eth0").deviceName();
    try (var socket = NetlinkSocket.open(node.netns())) {
      socket.apply(Links.delete(device));
    }
    var _ = node.list("device " + device);
    awaitTrue(() ->
        node.list("list")
            .equals(
                List.of(
                    idOf()
                        + " "
                        + identityOf()
                        + " not-ready device "
                        + device
                        + " was removed from the node")));
    delete("byhand", pod);
  }

  private int idOf() throws IOException {
    return Integer.parseInt(node.list("list").getFirst().split(" ", -1)[0]);
  }

  @Test
  void podThatVanishedWithoutDelIsCollected() throws IOException {
    var pod = node.pod("lost");
    assertThat(node.call("ADD", variables("lost", pod), config("1.0.0")).exitCode()).isZero();
    Netns.delete(pod);
    awaitTrue(() -> node.traces().isEmpty() && node.list("list").isEmpty());
  }

  @Test
  void twoHundredAtOnceLeaveNothing() throws Exception {
    var pods = new ArrayList<Path>();
    for (int i = 0; i < 200; i++) {
      pods.add(node.pod("many" + i));
    }
    var single = new ArrayList<Long>();
    for (int i = 0; i < 100; i++) {
      single.add(add(i, pods));
    }
    for (int i = 0; i < 100; i++) {
      delete("many" + i, pods.get(i));
    }
    report("ADD one by one", single);
    report("ADD 20 at once", atOnce(20, i -> add(i, pods)));
    report("DEL 20 at once", atOnce(20, i -> remove(i, pods)));
    report("ADD 200 at once", atOnce(200, i -> add(i, pods)));
    assertThat(node.podDevices()).hasSize(200);
    assertThat(node.list("list")).allMatch(line -> line.endsWith(" ready -")).hasSize(200);
    report("DEL 200 at once", atOnce(200, i -> remove(i, pods)));
  }

  private long add(int i, List<Path> pods) throws IOException {
    long start = System.nanoTime();
    var answer = node.call("ADD", variables("many" + i, pods.get(i)), config("1.0.0"));
    long nanos = System.nanoTime() - start;
    assertThat(answer.exitCode()).as(answer.body()).isZero();
    return nanos;
  }

  private long remove(int i, List<Path> pods) throws IOException {
    long start = System.nanoTime();
    delete("many" + i, pods.get(i));
    return System.nanoTime() - start;
  }

  private interface Indexed {
    long perform(int i) throws IOException;
  }

  private static List<Long> atOnce(int count, Indexed action) throws Exception {
    var tasks = new ArrayList<Callable<Long>>();
    for (int i = 0; i < count; i++) {
      int index = i;
      tasks.add(() -> action.perform(index));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var nanos = new ArrayList<Long>();
      for (var future : threads.invokeAll(tasks)) {
        nanos.add(future.get());
      }
      return nanos;
    }
  }

  private static void report(String what, List<Long> nanos) {
    var sorted = nanos.stream().mapToDouble(n -> n / 1e6).sorted().toArray();
    System.out.printf(
        "%s: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        what,
        sorted[sorted.length / 2],
        sorted[sorted.length * 99 / 100],
        Arrays.stream(sorted).max().orElseThrow());
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void awaitTrue(Condition condition) throws IOException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waited 10 s").isLessThan(end);
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private static Map<String, String> podVariables(String container, Path netns, String pod) {
    var variables = new HashMap<>(variables(container, netns));
    variables.put("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=" + pod);
    return variables;
  }

  private String identityOf() throws IOException {
    return node.list("list").getFirst().split(" ", -1)[1];
  }

  @Test
  void changedLabelsGiveAnotherIdentity() throws IOException {
    var pod = node.pod("labels");
    var _ = node.list("label shop labelled app before");
    assertThat(
            node.call("ADD", podVariables("labels", pod, "labelled"), config("1.0.0")).exitCode())
        .isZero();
    var before = identityOf();
    var _ = node.list("label shop labelled app after");
    awaitTrue(() -> !identityOf().equals(before) && node.list("list").getFirst().contains("ready"));
    delete("labels", pod);
  }

  @Test
  void addUsesAKnownIdentityWhileTheStoreIsAwayAndSaysSoWhenThereIsNone() throws IOException {
    var pod = node.pod("away");
    var _ = node.list("label shop known app known");
    assertThat(node.call("ADD", podVariables("away", pod, "known"), config("1.0.0")).exitCode())
        .isZero();
    delete("away", pod);
    var _ = node.list("away");
    try {
      var add = node.call("ADD", podVariables("away", pod, "known"), config("1.0.0"));
      assertThat(add.exitCode()).as(add.body()).isZero();
      delete("away", pod);
      var _ = node.list("label shop unknown app unknown");
      var error = error(node.call("ADD", podVariables("away", pod, "unknown"), config("1.0.0")));
      assertThat(error.get("code").asInt()).isEqualTo(11);
      assertThat(error.get("msg").asText())
          .isEqualTo("no identity for labels k8s:app=unknown; yet: the store is away");
      assertThat(node.traces()).isEmpty();
    } finally {
      var _ = node.list("back");
    }
  }

  @Test
  void addOfAPluginThatDiedIsUndone() throws IOException {
    var pod = node.pod("orphan");
    var start = System.nanoTime();
    node.send("ADD", variables("orphan", pod), config("1.0.0")).close();
    awaitTrue(() -> System.nanoTime() - start > 300_000_000L);
    awaitTrue(() -> node.traces().isEmpty() && node.list("list").isEmpty());
  }

  @Test
  void queuedDelIsWorkedOff() throws IOException {
    var pod = node.pod("queued");
    assertThat(node.call("ADD", variables("queued", pod), config("1.0.0")).exitCode()).isZero();
    var environment = "CNI_CONTAINERID=queued\0CNI_IFNAME=eth0\0";
    Files.writeString(
        node.directory().resolve("deleteQueue/abc.delete"),
        "JILIUM-CNI/1 DEL %d 0\n%s".formatted(environment.length(), environment));
    awaitTrue(() -> node.traces().isEmpty() && node.list("list").isEmpty());
  }
}
