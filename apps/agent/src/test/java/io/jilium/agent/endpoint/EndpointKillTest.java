// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The agent is killed in the middle of a verb: after the next start nothing of it is left. */
@Tag("kernel")
final class EndpointKillTest {
  private NodeProcess node;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void create() throws IOException {
    node = NodeProcess.create("kill");
  }

  @AfterEach
  void close() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource(Milestone.class)
  void killedAtAMilestone(Milestone milestone) throws Exception {
    var pod = node.pod("p");
    boolean adding = milestone.name().startsWith("ADD");
    if (!adding) {
      node.start("-");
      assertThat(call("ADD", "c", pod)).isTrue();
      node.kill();
    }
    node.start(milestone.name());
    assertThat(call(adding ? "ADD" : "DEL", "c", pod)).isFalse();
    node.kill();
    node.start("-");
    if (milestone == Milestone.ADD_SETTLED) {
      assertThat(node.list("list")).hasSize(1);
      assertThat(call("DEL", "c", pod)).isTrue();
    }
    assertThat(node.traces()).isEmpty();
    assertThat(node.list("list")).isEmpty();
    assertThat(call("ADD", "c", pod)).isTrue();
    assertThat(call("DEL", "c", pod)).isTrue();
  }

  @Test
  void killedAtRandomMoments() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    var random = new Random(seed);
    var pods = new ArrayList<Path>();
    for (int i = 0; i < 20; i++) {
      pods.add(node.pod("r" + i));
    }
    for (int round = 0; round < 8; round++) {
      node.start("-");
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < pods.size(); i++) {
        int index = i;
        threads.add(
            Thread.startVirtualThread(() -> {
              var _ = call("ADD", "c" + index, pods.get(index));
            }));
      }
      Thread.sleep(random.nextInt(150));
      node.kill();
      for (var thread : threads) {
        thread.join();
      }
    }
    node.start("-");
    for (int i = 0; i < pods.size(); i++) {
      assertThat(call("DEL", "c" + i, pods.get(i))).isTrue();
    }
    assertThat(node.traces()).isEmpty();
    assertThat(node.list("list")).isEmpty();
  }

  @Test
  void restartKeepsEndpoints() throws Exception {
    var pod = node.pod("stay");
    node.start("-");
    assertThat(call("ADD", "c", pod)).isTrue();
    var before = node.list("list");
    var devices = node.podDevices();
    node.kill();
    node.start("-");
    assertThat(node.list("list")).isEqualTo(before);
    assertThat(node.podDevices()).isEqualTo(devices);
    assertThat(call("DEL", "c", pod)).isTrue();
    assertThat(node.traces()).isEmpty();
  }

  /** False when the agent died meanwhile. */
  private boolean call(String verb, String container, Path pod) {
    try {
      return node.call(
                  verb,
                  EndpointKernelTest.variables(container, pod),
                  EndpointKernelTest.config("1.0.0"))
              .exitCode()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
