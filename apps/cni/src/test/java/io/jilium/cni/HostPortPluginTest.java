// SPDX-License-Identifier: Apache-2.0
package io.jilium.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Host ports are another plugin's work, which runs for the pods that have some and for no others.
 */
final class HostPortPluginTest {
  private static final String PORTS =
      ", \"runtimeConfig\": {\"portMappings\": [{\"hostPort\": 80, \"containerPort\": 8080}]}";

  @TempDir private Path directory;
  private Path socket;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void place() throws IOException {
    socket = directory.resolve("cni.sock");
    plugin("cat >%1$s/stdin; echo \"$CNI_COMMAND $CNI_CONTAINERID\" >>%1$s/calls; echo portmapped");
  }

  private void plugin(String script) throws IOException {
    var file = directory.resolve("portmap");
    Files.writeString(file, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + script.formatted(directory) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Map<String, String> variables(String command) {
    var variables = new HashMap<String, String>();
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", "c1");
    variables.put("CNI_IFNAME", "eth0");
    variables.put("CNI_NETNS", "/run/netns/none");
    variables.put("CNI_PATH", "/nowhere:" + directory);
    return variables;
  }

  private String config(String ports) {
    return """
    {"cniVersion": "1.0.0", "name": "jilium", "type": "jilium-cni", "socket": "%s",
     "hostPortPlugin": "portmap", "snat": true%s}
    """
        .formatted(socket, ports);
  }

  private PluginProcess.Result run(String command, String ports) throws IOException {
    return PluginProcess.run(variables(command), config(ports));
  }

  private String calls() throws IOException {
    var file = directory.resolve("calls");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Test
  void addGivesItTheAgentsResultAndAnswersWithIts() throws IOException {
    try (var _ = FakeAgent.answering(socket, "0 10\n{\"ips\":[]}")) {
      var result = run("ADD", PORTS);
      assertThat(result.output()).isEqualTo("portmapped\n");
      assertThat(result.exitCode()).isZero();
    }
    assertThat(calls()).isEqualTo("ADD c1\n");
    assertThat(directory.resolve("stdin"))
        .hasContent(
            config(PORTS).stripTrailing().replaceFirst("}$", "") + ",\"prevResult\":{\"ips\":[]}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", \"runtimeConfig\": {}",
        ", \"runtimeConfig\": {\"portMappings\": [ ]}",
        ", \"runtimeConfig\": {\"portMappings\": null}",
        ", \"runtimeConfig\": {\"mac\": \"a\"}, \"portMappings\": [1]",
        ", \"x\": {\"runtimeConfig\": {\"portMappings\": [1]}}"
      })
  void podsWithoutHostPortsDoWithoutIt(String ports) throws IOException {
    try (var _ = FakeAgent.answering(socket, "0 2\n{}")) {
      assertThat(run("ADD", ports).output()).isEqualTo("{}");
      assertThat(run("CHECK", ports).exitCode()).isZero();
      assertThat(run("DEL", ports).exitCode()).isZero();
    }
    assertThat(calls()).isEmpty();
  }

  @Test
  void itChecksAfterTheAgentAndDeletesBefore() throws IOException {
    plugin("echo $CNI_COMMAND >>%1$s/calls");
    try (var agent =
        FakeAgent.start(
            socket,
            client -> {
              var request = FakeAgent.readRequest(client);
              Files.writeString(
                  directory.resolve("calls"),
                  calls() + "agent " + request.split(" ", -1)[1] + "\n");
              client.write(
                  java.nio.ByteBuffer.wrap(
                      "0 0\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            })) {
      assertThat(agent).isNotNull();
      assertThat(run("CHECK", PORTS).exitCode()).isZero();
      assertThat(run("DEL", PORTS).exitCode()).isZero();
    }
    assertThat(calls()).isEqualTo("agent CHECK\nCHECK\nDEL\nagent DEL\n");
  }

  @Test
  void delWithoutAnAgentClosesThePortsAndIsQueued() throws IOException {
    plugin("echo $CNI_COMMAND >>%1$s/calls");
    assertThat(run("DEL", PORTS).exitCode()).isZero();
    assertThat(calls()).isEqualTo("DEL\n");
    assertThat(directory.resolve("deleteQueue")).isDirectoryContaining("glob:**.delete");
  }

  @Test
  void whatItSaysOfAFailureIsTheAnswer() throws IOException {
    plugin("echo '{\"code\": 99}'; exit 3");
    try (var agent = FakeAgent.answering(socket, "0 2\n{}")) {
      var add = run("ADD", PORTS);
      assertThat(add.exitCode()).isEqualTo(3);
      assertThat(add.output()).isEqualTo("{\"code\": 99}\n");
      assertThat(run("DEL", PORTS)).extracting(PluginProcess.Result::exitCode).isEqualTo(3);
      assertThat(agent.requests()).hasSize(1);
    }
    plugin("kill -9 $$");
    assertThat(run("DEL", PORTS).output()).contains("portmap was ended by signal 9");
  }

  @Test
  void refusedAddDoesNotReachIt() throws IOException {
    try (var _ = FakeAgent.answering(socket, "1 11\n{\"code\": 7}")) {
      assertThat(run("ADD", PORTS).exitCode()).isEqualTo(1);
    }
    assertThat(calls()).isEmpty();
  }

  @Test
  void whereItIsMissingNothingIsMade() throws IOException {
    Files.delete(directory.resolve("portmap"));
    try (var agent = FakeAgent.answering(socket, "0 2\n{}")) {
      assertThat(run("ADD", PORTS).output())
          .contains("\"code\":7", "portmap", "is not in CNI_PATH (/nowhere:" + directory);
      assertThat(agent.requests()).isEmpty();
    }
  }
}
