// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.settings.Settings;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class ForwardRulesTest {
  private static final String CALL = "-A FORWARD -j JILIUM-FORWARD";

  @Test
  void onlyAChainThatDropsNeedsUs() {
    assertThat(ForwardRules.drops(List.of("-P FORWARD ACCEPT", "-A FORWARD -j KUBE-FORWARD")))
        .isFalse();
    assertThat(ForwardRules.drops(List.of("-P FORWARD ACCEPT", "-A FORWARD -s 1.2.3.4 -j DROP")))
        .isFalse();
    assertThat(ForwardRules.drops(List.of("-P FORWARD DROP"))).isTrue();
    assertThat(
            ForwardRules.drops(
                List.of(
                    "-P FORWARD ACCEPT",
                    "-A FORWARD -j REJECT --reject-with icmp-host-prohibited")))
        .isTrue();
  }

  @Test
  void theCallStandsBehindKubeProxysAndBeforeARefusalOfEverything() {
    assertThat(ForwardRules.place(List.of("-P FORWARD DROP"))).contains(1);
    assertThat(ForwardRules.place(List.of("-P FORWARD DROP", "-A FORWARD -j DOCKER-USER")))
        .contains(2);
    var mixed =
        List.of(
            "-P FORWARD ACCEPT",
            "-A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES",
            "-A FORWARD -j KUBE-FORWARD",
            "-A FORWARD -j DOCKER-USER",
            "-A FORWARD -j REJECT --reject-with icmp-host-prohibited");
    assertThat(ForwardRules.place(mixed)).contains(3);
    assertThat(ForwardRules.place(List.of("-A FORWARD -j DOCKER-USER", "-A FORWARD -j DROP")))
        .contains(2);
  }

  @Test
  void aCallThatIsWellPlacedStays() {
    assertThat(ForwardRules.place(List.of("-A FORWARD -j KUBE-FORWARD", CALL))).isEmpty();
    assertThat(ForwardRules.place(List.of(CALL, "-A FORWARD -j KUBE-FORWARD"))).contains(2);
    assertThat(ForwardRules.place(List.of("-A FORWARD -j DROP", CALL))).contains(1);
  }

  @Test
  @Tag("kernel")
  void packetsOfPodsPassAPolicyOfDropAndTheRulesGoWithUs() {
    try (var node = Netns.createUnnamed()) {
      node.run(() -> {
        var none = rules();
        command("iptables-nft", "-P", "FORWARD", "DROP");
        command("ip6tables-nft", "-P", "FORWARD", "DROP");
        var before = rules();
        assertThat(before).isNotEqualTo(none);
        try (var _ = ForwardRules.start(new Settings.Families(true, true))) {
          Await.until(
              "both families", Duration.ofSeconds(20), () -> rules().split(CALL, -1).length == 3);
        }
        assertThat(rules()).contains("-A JILIUM-FORWARD -i lxc+ -j ACCEPT");
        ForwardRules.remove();
        assertThat(rules()).isEqualTo(before);
        return before;
      });
    }
  }

  private static String rules() {
    return command("iptables-nft", "-S") + command("ip6tables-nft", "-S");
  }

  private static String command(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
