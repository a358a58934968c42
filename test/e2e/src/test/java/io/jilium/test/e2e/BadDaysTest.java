// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What goes wrong in a cluster's life: nothing is lost, nothing leaks, and a clear sentence says
 * what happened.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadDaysTest {
  private static final int PATIENCE_SECONDS = 20;

  @SuppressWarnings("NullAway.Init") // set by up(), which JUnit calls first
  private Lab lab;

  @SuppressWarnings("NullAway.Init")
  private Lab.Addresses far;

  @BeforeAll
  void up() {
    lab = Lab.up("bad", 2);
    lab.pod("near", "node-1");
    far = lab.pod("far", "node-2");
  }

  @AfterAll
  void down() {
    lab.close();
  }

  @Test
  void killingAnAgentLosesNoPacketOfThousandASecond() {
    // With real-time priority, so that a busy machine sends in time, too.
    var ping =
        lab.start(
            "near", "chrt", "-f", "10", "ping", "-q", "-i", "0.001", "-c", "6000", far.ipv4());
    pause(Duration.ofSeconds(1));
    lab.lab("node", "kill", "node-1");
    pause(Duration.ofSeconds(1));
    lab.lab("node", "start", "node-1");
    String output = Lab.finish(ping).output();
    assertThat(output).contains("6000 received, 0% packet loss");
    assertThat(Integer.parseInt(Lab.find(output, "time (\\d+)ms")))
        .as("milliseconds for 6000 packets, in:%n%s", output)
        .isBetween(5_900, 8_000);
  }

  @Test
  void stoppingEtcdStopsNoTrafficAndLosesNothing() {
    lab.lab("node", "kill", "etcd");
    lab.exec("near", "ping", "-q", "-c", "3", "-i", "0.2", "-W", "2", far.ipv4());
    eventually(
        "the agent says that etcd is away",
        () -> lab.jilium("node-1", "status"),
        status ->
            status.lines().anyMatch(line -> line.startsWith("KVStore:") && !line.contains("Ok")));
    lab.lab("node", "start", "etcd");
    eventually(
        "the agent says that etcd is back",
        () -> lab.jilium("node-1", "status"),
        status ->
            status.lines().anyMatch(line -> line.startsWith("KVStore:") && line.contains("Ok")));
    var late = lab.pod("late", "node-2");
    eventually(
        "a pod made after the outage is reachable",
        () -> lab.tryExec("near", "ping", "-q", "-c", "1", "-W", "1", late.ipv4()).output(),
        output -> output.contains("1 received"));
    lab.lab("pod", "rm", "late");
  }

  @Test
  void anAgentRestartedWithoutEtcdKnowsTheClusterAsBefore() {
    var late = lab.pod("moved", "node-2");
    eventually(
        "the other node's pod is known",
        () -> lab.jilium("node-1", "bpf", "ipcache", "list"),
        list -> list.contains(late.ipv4()));
    lab.lab("node", "kill", "etcd");
    var ping = lab.start("near", "ping", "-q", "-i", "0.01", far.ipv4());
    lab.lab("node", "kill", "node-1");
    lab.lab("node", "start", "node-1");
    assertThat(lab.jilium("node-1", "status")).contains("etcd");
    assertThat(lab.jilium("node-1", "node", "list")).contains("node-2 ");
    String cidr = far.ipv4().replaceAll("\\.\\d+$", ".0/24");
    lab.exec("node/node-1", "ip", "route", "del", cidr);
    eventually(
        "the other node's route is repaired",
        () -> lab.exec("node/node-1", "ip", "route"),
        routes -> routes.contains(cidr));
    assertThat(lab.jilium("node-1", "bpf", "ipcache", "list")).contains(late.ipv4());
    assertThat(Lab.interrupt(ping)).contains(" 0% packet loss");
    lab.lab("node", "start", "etcd");
    lab.lab("pod", "rm", "moved");
    eventually(
        "what goes when etcd is back goes",
        () -> lab.jilium("node-1", "bpf", "ipcache", "list"),
        list -> !list.contains(late.ipv4()));
  }

  @Test
  void aRouteDeletedByHandComesBack() {
    String cidr = far.ipv4().replaceAll("\\.\\d+$", ".0/24");
    var deleted = lab.typed("exec", "node/node-1", "--", "ip", "route", "del", cidr);
    assertThat(deleted.code()).as(deleted.output()).isZero();
    eventually(
        "the route is back",
        () -> lab.exec("node/node-1", "ip", "route"),
        routes -> routes.contains(cidr));
  }

  @Test
  void anInterfaceRemovedByHandIsReportedAndThePodCanStillBeRemoved() {
    lab.pod("broken", "node-1");
    String endpoints = lab.jilium("node-1", "endpoint", "list", "-o", "json");
    String device = Lab.find(endpoints, "(?s)broken.*?\"(lxc[0-9a-f]{12})\"");
    lab.exec("node/node-1", "ip", "link", "del", device);
    eventually(
        "the endpoint list tells",
        () -> lab.jilium("node-1", "endpoint", "list"),
        list ->
            list.contains("invalid")
                || list.contains("not-ready")
                || list.contains("disconnected"));
    lab.lab("pod", "rm", "broken");
    assertThat(lab.jilium("node-1", "endpoint", "list", "-o", "json")).doesNotContain("broken");
  }

  @Test
  void aPodNameTwiceIsRefused() {
    var again = lab.typed("pod", "add", "near", "--node", "node-1");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.output()).contains("pod 'near' already exists");
  }

  @Test
  void anUnknownNodeIsRefused() {
    var refused = lab.tryLab("pod", "add", "x", "--node", "node-9");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.output()).contains("no node 'node-9'").contains("node-1, node-2");
  }

  @Test
  void twoHundredPodsComeAndGoAndLeaveNoTrace() {
    String before = inventory();
    var add = new java.util.ArrayList<String>(java.util.List.of("pod", "add"));
    var remove = new java.util.ArrayList<String>(java.util.List.of("pod", "rm"));
    for (int i = 1; i <= 200; i++) {
      add.add("many-" + i);
      remove.add("many-" + i);
    }
    add.addAll(java.util.List.of("--node", "node-1"));
    assertThat(lab.lab(add.toArray(String[]::new)).lines()).hasSize(200);
    lab.lab(remove.toArray(String[]::new));
    eventually("nothing is left", this::inventory, before::equals);
  }

  /** Devices, endpoint map, ipcache and state of node-1; equal before and after means no trace. */
  private String inventory() {
    return lab.exec("node/node-1", "sh", "-c", "ls /proc/sys/net/ipv4/conf | sort")
        + lab.jilium("node-1", "bpf", "endpoint", "list")
        + lab.jilium("node-1", "bpf", "ipcache", "list")
        + lab.exec(
            "node/node-1",
            "sh",
            "-c",
            "ls /run/jilium-lab/" + lab.name() + "/node-1/var/run/jilium/state | sort");
  }

  private static void eventually(
      String what, Supplier<String> look, java.util.function.Predicate<String> seen) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String last = look.get();
    while (!seen.test(last)) {
      assertThat(System.nanoTime()).as("%s; last seen:%n%s", what, last).isLessThan(end);
      pause(Duration.ofMillis(200));
      last = look.get();
    }
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
