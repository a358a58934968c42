// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Wrong usage, missing agents, help. */
final class UsageTest {
  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          ''                     ~ no verb given; see 'jilium --help'
          bpf ct                 ~ say which: jilium bpf ct list|flush; see 'jilium bpf ct --help'
          status -o xml          ~ Invalid value for option '--output': expected one of [text, json] (case-insensitive) but was 'xml'; see 'jilium status --help'
          monitor --type dropp   ~ there is no event type dropp; there are drop, trace, debug, policy-verdict; see 'jilium monitor --help'
          endpoint get           ~ Missing required parameter: 'ID'; see 'jilium endpoint get --help'
          endpoint get 70000     ~ endpoint id 70000 is not a number from 1 to 65535; see 'jilium endpoint get --help'
          identity get x         ~ identity x is not a positive number; see 'jilium identity get --help'
          config sett            ~ config cannot sett; it can get; see 'jilium config --help'
          config set debug       ~ Missing required parameter: 'VALUE'; see 'jilium config set --help'
          --node a --root / status ~ --node and --root each name an agent; give one of them; see 'jilium --help'
          """)
  void wrongUsageIsOneSentenceAndCodeTwo(String arguments, String message) {
    String[] words = arguments.equals("''") ? new String[0] : arguments.split(" ", -1);
    assertThat(FakeAgent.runAlone(words))
        .isEqualTo(new FakeAgent.Outcome(2, "", "Error: " + message + "\n"));
  }

  @Test
  void aMissingAgentIsOneSentenceAndCodeOne() {
    Path socket = directory.resolve("var/run/jilium/agent.sock");
    assertThat(FakeAgent.runAlone("--root", directory.toString(), "status"))
        .isEqualTo(
            new FakeAgent.Outcome(
                1, "", "Error: agent not running: no socket at " + socket + "\n"));
  }

  @Test
  void optionsMayStandBehindTheVerb() {
    Path socket = directory.resolve("other.sock");
    assertThat(FakeAgent.runAlone("node", "list", "--socket", socket.toString()).err())
        .isEqualTo("Error: agent not running: no socket at " + socket + "\n");
  }

  @Test
  void findsTheNodesOfALab() throws IOException {
    Files.createDirectories(directory.resolve("lab/node-1/var/run/jilium"));
    Files.createDirectories(directory.resolve("lab/node-2/var/run/jilium"));
    var sockets = new AgentSocket(directory);
    assertThat(sockets.ofNode("lab", "node-2"))
        .isEqualTo(directory.resolve("lab/node-2/var/run/jilium/agent.sock"));
    assertThat(sockets.advice("lab")).contains("lab lab is up: try --node node-1, --node node-2");
    assertThat(sockets.advice("other")).isEmpty();
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> sockets.ofNode("lab", "node-9"))
        .hasMessage("lab lab has no node node-9; it has node-1, node-2");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> sockets.ofNode("other", "node-1"))
        .hasMessage("no lab named other is up");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "bpf --help", "monitor -h", "bpf ct flush --help"})
  void helpGoesToStandardOutput(String arguments) {
    var outcome = FakeAgent.runAlone(arguments.split(" ", -1));
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).startsWith("Usage: jilium");
  }

  @Test
  void everyVerbHasADescriptionAndExamples() {
    everyVerbHasADescriptionAndExamples(Verbs.complete());
  }

  private static void everyVerbHasADescriptionAndExamples(CommandLine line) {
    var usage = line.getCommandSpec().usageMessage();
    assertThat(usage.description()).as(line.getCommandName()).isNotEmpty();
    if (line.getSubcommands().isEmpty()) {
      assertThat(usage.footer()).as(line.getCommandName()).contains("%nExamples:");
    }
    line.getSubcommands().values().forEach(UsageTest::everyVerbHasADescriptionAndExamples);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completionKnowsEveryVerb(String shell) {
    assertThat(FakeAgent.runAlone("completion", shell).out())
        .contains("status", "endpoint", "ipcache", "monitor", "related-to");
  }
}
