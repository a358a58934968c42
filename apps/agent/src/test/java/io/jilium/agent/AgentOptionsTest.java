// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentOptionsTest {
  @Test
  void pathsFollowTheRoot() {
    var options = parse("--node", "node-1", "--root=/run/x", "--bpffs", "/b");
    assertThat(options.agentSocket()).isEqualTo(Path.of("/run/x/var/run/jilium/agent.sock"));
    assertThat(options.conflist()).isEqualTo(Path.of("/run/x/etc/cni/net.d/05-jilium.conflist"));
    assertThat(options.pins()).isEqualTo(Path.of("/b/jilium/node-1"));
  }

  @Test
  void theHostNameIsTheNodesNameUnlessItIsSaid() {
    assertThat(parse().node()).isEqualTo("host-a");
  }

  @Test
  void mistakesAreOneSentence() {
    assertUsage("unknown argument --nod", "--nod", "x");
    assertUsage("option --node needs a value", "--node");
    assertUsage("--set needs KEY=VALUE, not routingMode", "--set", "routingMode");
    assertUsage("\"../x\" is not a node name", "--node", "../x");
    assertUsage("--log-level is error, warn, info or debug, not loud", "--log-level=loud");
  }

  @Test
  void settingsComeFromTheFileAndThenFromSet(@TempDir Path directory) throws Exception {
    var file = directory.resolve("s.yaml");
    Files.writeString(file, "ipv6:\n  enabled: true\ntunnelPort: 4789\n");
    var settings =
        Main.settings(
            parse("--config", file.toString(), "--set", "tunnelPort=8472", "--cluster", "lab"));
    assertThat(settings.families().v6()).isTrue();
    assertThat(settings.routing().tunnelPort()).isEqualTo(8472);
    assertThat(settings.cluster().name()).isEqualTo("lab");
  }

  @Test
  void aBadFileIsNamed(@TempDir Path directory) throws Exception {
    var file = directory.resolve("s.yaml");
    assertThatThrownBy(() -> Main.settings(parse("--config", file.toString())))
        .hasMessage("there is no settings file " + file);
    Files.writeString(file, "a: [1");
    assertThatThrownBy(() -> Main.settings(parse("--config", file.toString())))
        .hasMessageStartingWith("settings file " + file + " is not YAML: ");
    Files.writeString(file, "- 1");
    assertThatThrownBy(() -> Main.settings(parse("--config", file.toString())))
        .hasMessage("settings file " + file + " is not a map");
  }

  @Test
  void aSecondAgentIsRefused(@TempDir Path directory) throws Exception {
    try (var _ = AgentLock.take(directory)) {
      assertThatThrownBy(() -> AgentLock.take(directory))
          .hasMessageStartingWith("another agent (process " + ProcessHandle.current().pid());
    }
    AgentLock.take(directory).close();
  }

  private static AgentOptions parse(String... args) {
    return AgentOptions.parse(args, "host-a");
  }

  private static void assertUsage(String message, String... args) {
    assertThatThrownBy(() -> parse(args))
        .isInstanceOf(AgentOptions.UsageException.class)
        .hasMessage(message);
  }
}
