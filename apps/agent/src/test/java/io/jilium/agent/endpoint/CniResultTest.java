// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CniResultTest {
  private static final Endpoint ENDPOINT =
      new Endpoint(
          7,
          "abc",
          "lxc0123456789ab",
          12,
          "eth0",
          "/run/netns/x",
          new PodName("shop", "web"),
          Labels.parseIdentityKey("k8s:app=web;k8s:io.kubernetes.pod.namespace=shop;"),
          new NumericIdentity(300),
          List.of(IpAddress.parse("10.200.0.5"), IpAddress.parse("fd00:200::5")),
          MacAddress.parse("02:00:00:00:00:01"),
          MacAddress.parse("02:00:00:00:00:02"),
          EndpointState.RESTORING);

  @Test
  void latestVersionHasMtuAndScope() {
    assertThat(CniResult.of(ENDPOINT, TestNode.NETWORK, CniVersion.V1_1_0))
        .hasToString(
            "{\"cniVersion\":\"1.1.0\",\"interfaces\":["
                + "{\"name\":\"lxc0123456789ab\",\"mac\":\"02:00:00:00:00:02\",\"mtu\":1500},"
                + "{\"name\":\"eth0\",\"mac\":\"02:00:00:00:00:01\",\"sandbox\":\"/run/netns/x\",\"mtu\":1500}],"
                + "\"ips\":[{\"address\":\"10.200.0.5/32\",\"gateway\":\"10.200.0.1\",\"interface\":1},"
                + "{\"address\":\"fd00:200::5/128\",\"gateway\":\"fd00:200::1\",\"interface\":1}],"
                + "\"routes\":[{\"dst\":\"10.200.0.1/32\",\"scope\":253},"
                + "{\"dst\":\"0.0.0.0/0\",\"gw\":\"10.200.0.1\",\"mtu\":1450},"
                + "{\"dst\":\"fd00:200::1/128\"},"
                + "{\"dst\":\"::/0\",\"gw\":\"fd00:200::1\",\"mtu\":1450}],\"dns\":{}}");
  }

  @Test
  void oldVersionsSayTheFamily() {
    var json = CniResult.of(ENDPOINT, TestNode.NETWORK, CniVersion.V0_3_1);
    assertThat(json.at("/ips/1/version").asText()).isEqualTo("6");
    assertThat(json.at("/routes/1").has("mtu")).isFalse();
    assertThat(json.at("/interfaces/0").has("mtu")).isFalse();
  }

  @Test
  void errorsCarryVersionCodeAndSentence() {
    var e = new CniException(CniException.Code.TRY_AGAIN_LATER, "busy", "with this");
    assertThat(e.toJson(CniVersion.V0_4_0))
        .hasToString(
            "{\"cniVersion\":\"0.4.0\",\"code\":11,\"msg\":\"busy\",\"details\":\"with this\"}");
  }

  @Test
  void stateOnDiskIsReadAsItWasWritten() throws IOException {
    var entry = new Entry(new EndpointRow(ENDPOINT, "", "uid-1", Instant.EPOCH), "jilium");
    assertThat(EntryJson.read(EntryJson.write(entry))).isEqualTo(entry);
  }
}
