// SPDX-License-Identifier: Apache-2.0
package io.jilium.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plugin against agents that answer, dawdle, hang, lie and are not there. */
final class PluginTest {
  @TempDir private Path directory;
  private Path socket;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void place() {
    socket = directory.resolve("cni.sock");
  }

  private String config() {
    return """
    {"name": "jilium", "x": {"socket": "/wrong", "y": ["socket", {"socket": 1}]},
     "type": "jilium-cni", "socket": "%s", "cniVersion": "0.4.0"}\
    """
        .formatted(socket);
  }

  private static Map<String, String> variables(String command) {
    var variables = new HashMap<String, String>();
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", "c1");
    variables.put("CNI_IFNAME", "eth0");
    variables.put("CNI_NETNS", "/run/netns/none");
    variables.put("HOME", "/");
    return variables;
  }

  private PluginProcess.Result run(String command) throws IOException {
    return PluginProcess.run(variables(command), config());
  }

  private static void assertError(PluginProcess.Result result, int code, String words) {
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .startsWith("{\"cniVersion\":\"0.4.0\",\"code\":" + code + ",\"msg\":\"")
        .contains(words);
  }

  private List<Path> queued() throws IOException {
    try (var files = Files.newDirectoryStream(directory.resolve("deleteQueue"), "*.delete")) {
      var list = new ArrayList<Path>();
      files.forEach(list::add);
      return list;
    }
  }

  @Test
  void handsRequestAndAnswerThrough() throws IOException {
    try (var agent = FakeAgent.answering(socket, "0 5\n{ \"a\"")) {
      var result = run("ADD");
      assertThat(result.exitCode()).isZero();
      assertThat(result.output()).isEqualTo("{ \"a\"");
      assertThat(agent.requests().getFirst())
          .startsWith("JILIUM-CNI/1 ADD ")
          .contains("CNI_CONTAINERID=c1\0")
          .doesNotContain("HOME")
          .endsWith(config());
    }
  }

  @Test
  void exitCodeIsTheAgents() throws IOException {
    try (var _ = FakeAgent.answering(socket, "1 2\n{}")) {
      assertThat(run("CHECK").exitCode()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 9\nshort", "hello\n", "0 2\n{}too long", "7 2\n{}", "0 -1\n", "0 2"})
  void nonsenseIsNoAnswer(String nonsense) throws IOException {
    try (var _ = FakeAgent.answering(socket, nonsense)) {
      assertError(run("ADD"), 11, "answered something that is no answer");
    }
  }

  @Test
  void endlessAnswerIsCutOff() throws IOException {
    try (var _ =
        FakeAgent.start(
            socket,
            client -> {
              var _ = FakeAgent.readRequest(client);
              OutputStream output = Channels.newOutputStream(client);
              while (true) {
                output.write(new byte[1 << 16]);
              }
            })) {
      assertError(run("ADD"), 11, "no answer");
    }
  }

  @Test
  void silentAgentIsNotWaitedForLongerThanTheDeadline() throws IOException {
    try (var _ = FakeAgent.start(socket, _ -> Thread.sleep(Duration.ofMinutes(1)))) {
      var status = run("STATUS");
      assertError(status, 50, "took too long");
      assertThat(status.time()).isBetween(Duration.ofMillis(1500), Duration.ofMillis(3000));
      var delete = run("DEL");
      assertError(delete, 11, "took too long");
      assertThat(delete.time()).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void dribblingAgentIsBoundByTheSameDeadline() throws IOException {
    try (var _ =
        FakeAgent.start(
            socket,
            client -> {
              var _ = FakeAgent.readRequest(client);
              while (true) {
                Channels.newOutputStream(client).write('1');
                Thread.sleep(100);
              }
            })) {
      assertThat(run("STATUS").time()).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void agentThatNeverReadsCannotBlockABigRequest() throws IOException {
    try (var _ = FakeAgent.start(socket, _ -> Thread.sleep(Duration.ofMinutes(1)))) {
      var big = config().replace("\"x\"", "\"z\": \"" + "z".repeat(900_000) + "\", \"x\"");
      var result = PluginProcess.run(variables("STATUS"), big);
      assertError(result, 50, "took too long");
    }
  }

  @Test
  void absentAgentIsSaidSo() throws IOException {
    assertError(run("STATUS"), 50, "does not listen on " + socket);
    var add = run("ADD");
    assertError(add, 11, "does not listen");
    assertThat(add.time()).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void delIsQueuedOnceWhileTheAgentIsAway() throws IOException {
    for (int i = 0; i < 3; i++) {
      var result = run("DEL");
      assertThat(result.exitCode()).isZero();
      assertThat(result.output()).isEmpty();
    }
    assertThat(queued()).hasSize(1);
    assertThat(Files.readString(queued().getFirst()))
        .startsWith("JILIUM-CNI/1 DEL ")
        .contains("CNI_CONTAINERID=c1\0", "CNI_IFNAME=eth0\0");
  }

  @Test
  void delIsQueuedWhenTheAgentDiesInTheMiddle() throws IOException {
    var socketFile = socket;
    try (var agent =
        FakeAgent.start(
            socket,
            client -> {
              var _ = FakeAgent.readRequest(client);
              Files.delete(socketFile);
            })) {
      assertThat(agent).isNotNull();
      assertThat(run("DEL").exitCode()).isZero();
    }
    assertThat(queued()).hasSize(1);
  }

  @Test
  void addWhoseAgentDiesInTheMiddleLeavesADelForTheNextOne() throws IOException {
    var socketFile = socket;
    try (var agent =
        FakeAgent.start(
            socket,
            client -> {
              var _ = FakeAgent.readRequest(client);
              Files.delete(socketFile);
            })) {
      assertThat(agent).isNotNull();
      assertError(run("ADD"), 11, "stopped before it answered");
    }
    assertThat(queued()).hasSize(1);
  }

  @Test
  void delWaitsForTheAgentThatWorksTheQueueOff() throws IOException {
    var queue = Files.createDirectory(directory.resolve("deleteQueue"));
    try (var lock =
            FileChannel.open(
                queue.resolve("lockfile"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      assertError(run("DEL"), 11, "locked");
    }
    assertThat(queued()).isEmpty();
  }

  @Test
  void queueIsBounded() throws IOException {
    var queue = Files.createDirectory(directory.resolve("deleteQueue"));
    for (int i = 0; i < 1024; i++) {
      Files.createFile(queue.resolve(i + ".delete"));
    }
    assertError(run("DEL"), 11, "1024 DELs wait");
  }

  @Test
  void unfitInputIsRefusedBeforeTheAgentIsAsked() throws IOException {
    var variables = variables("ADD");
    variables.put("CNI_COMMAND", "JUMP");
    assertThat(PluginProcess.run(variables, config()).output())
        .contains("\"code\":4", "CNI_COMMAND is not ADD", "JUMP");
    variables.remove("CNI_COMMAND");
    assertThat(PluginProcess.run(variables, "").output()).contains("CNI_COMMAND is missing");
    assertThat(PluginProcess.run(variables("ADD"), "x".repeat(2 << 20)).output())
        .contains("\"code\":6", "longer than 1048576 bytes");
    assertThat(PluginProcess.run(variables("ADD"), "{\"socket\": \"relative\"}").output())
        .contains("\"code\":7", "not an absolute path");
    variables = variables("DEL");
    variables.remove("CNI_IFNAME");
    assertThat(PluginProcess.run(variables, config()).output())
        .contains("\"code\":4", "CNI_IFNAME is missing");
  }

  @Test
  void stdinThatNeverEndsIsBounded() throws IOException {
    long start = System.nanoTime();
    var process = PluginProcess.start(variables("STATUS"));
    var result = PluginProcess.finish(process, start);
    assertThat(result.output()).contains("\"code\":5", "stdin");
    assertThat(result.time()).isLessThan(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "garbage", "{\"cniVersion\": \"0.4.0\"}", "{\"cniVersion\": \"\\\"\"}"})
  void versionIsAnsweredAloneWhateverIsOnStdin(String input) throws IOException {
    var result = PluginProcess.run(Map.of("CNI_COMMAND", "VERSION"), input);
    assertThat(result.exitCode()).isZero();
    assertThat(result.output())
        .contains(input.contains("0.4.0") ? "\"cniVersion\":\"0.4.0\"" : "\"cniVersion\":\"1.1.0\"")
        .contains("\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]");
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD)
  void startsInAboutAMillisecond() throws IOException {
    var times = new ArrayList<Duration>();
    for (int i = 0; i < 50; i++) {
      long start = System.nanoTime();
      var process = PluginProcess.start(Map.of("CNI_COMMAND", "VERSION"));
      process.getOutputStream().close();
      times.add(PluginProcess.finish(process, start).time());
    }
    times.sort(Duration::compareTo);
    System.out.println("VERSION p50 " + times.get(25).toNanos() / 1000 + " µs, with Java's fork");
    assertThat(times.get(25)).isLessThan(Duration.ofMillis(20));
  }
}
