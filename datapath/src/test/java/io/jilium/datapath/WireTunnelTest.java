// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets of the kernel's making: VXLAN, tcx links. */
@Tag("kernel")
class WireTunnelTest extends WireScenarios {
  @RegisterExtension static final WireLab LAB = new WireLab(true, false);

  @Override
  WireLab lab() {
    return LAB;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tunnelCostsNoDeviceUnlessSomebodyCaptures(boolean v4) {
    var node = LAB.nodes.getFirst();
    assertThat(capture(v4, 4)).as("without a capture mode").isEmpty();
    node.datapath().runtime().overlayCapture(true);
    try {
      assertThat(capture(v4, 4))
          .hasSize(4)
          .allMatch(line -> line.contains(LAB.address("a", v4)) && line.contains("echo request"));
    } finally {
      node.datapath().runtime().overlayCapture(false);
    }
  }

  /** The echo requests that tcpdump sees on cilium_vxlan while pod a pings pod c. */
  private static List<String> capture(boolean v4, int count) {
    var filter = v4 ? "icmp[icmptype] == icmp-echo" : "icmp6 and ip6[40] == 128";
    var script =
        "timeout 2 tcpdump -nnl -i cilium_vxlan -c %d '%s' 2>/dev/null || true"
            .formatted(count, filter);
    var seen =
        CompletableFuture.supplyAsync(
            () -> LAB.command("node1", "sh", "-c", script),
            task -> Thread.ofPlatform().daemon().start(task));
    Await.until("the capture", Duration.ofSeconds(2), () -> LAB.isListening("node1"));
    LAB.command("a", "ping", "-c", "5", "-i", "0.02", "-W", "2", LAB.address("c", v4));
    return seen.join().lines().filter(line -> !line.isBlank()).toList();
  }
}
