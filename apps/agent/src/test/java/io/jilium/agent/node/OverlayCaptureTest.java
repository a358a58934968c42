// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.netlink.PacketSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverlayCaptureTest {
  private static final int VXLAN = 5;

  @Test
  void whoListensOnTheTunnelDeviceOrOnAllCaptures() {
    assertThat(captured(new PacketSocket(VXLAN, 3, 1))).isTrue();
    assertThat(captured(new PacketSocket(0, 3, 1))).isTrue();
  }

  @Test
  void otherDevicesAndOtherProtocolsDoNotCount() {
    assertThat(captured(new PacketSocket(2, 3, 1))).isFalse();
    assertThat(captured(new PacketSocket(0, 0x0806, 1))).isFalse();
    assertThat(captured(new PacketSocket(VXLAN, 0, 1))).isFalse();
    assertThat(OverlayCapture.isCaptured(List.of(new PacketSocket(0, 3, 1)), 0)).isFalse();
  }

  @Test
  void theSettingForcesEitherWay() {
    assertThat(OverlayCapture.forced(Samples.settings())).isEmpty();
    assertThat(OverlayCapture.forced(Samples.settings("jilium.encapsulation=program")))
        .contains(false);
    assertThat(OverlayCapture.forced(Samples.settings("jilium.encapsulation=device")))
        .contains(true);
  }

  private static boolean captured(PacketSocket socket) {
    return OverlayCapture.isCaptured(List.of(socket), VXLAN);
  }
}
