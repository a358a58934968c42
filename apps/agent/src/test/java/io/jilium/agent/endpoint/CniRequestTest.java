// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.agent.endpoint.CniException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CniRequestTest {
  private static CniRequest read(String text) throws IOException {
    return CniRequest.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static CniRequest with(String environment) throws IOException {
    return read("JILIUM-CNI/1 ADD %d 2\n%s{}".formatted(environment.length(), environment));
  }

  @Test
  void readsWhatThePluginSends() throws IOException {
    var request =
        with(
            "CNI_CONTAINERID=abc\0CNI_IFNAME=eth0\0CNI_NETNS=/run/netns/x\0JILIUM_NETNS=/proc/77/fd/3\0"
                + "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAME=web=1;\0");
    assertThat(request.command()).isEqualTo(CniCommand.ADD);
    assertThat(request.attachment()).isEqualTo(new Attachment("abc", "eth0"));
    assertThat(request.netns())
        .isEqualTo(new NetnsPath("/run/netns/x", Optional.of("/proc/77/fd/3")));
    assertThat(request.arguments())
        .containsEntry("K8S_POD_NAME", "web=1")
        .containsEntry("IgnoreUnknown", "1");
    assertThat(request.input()).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\r\n",
        "JILIUM-CNI/1 ADD 0 99999999\n",
        "JILIUM-CNI/1 ADD 999999 0\n",
        "JILIUM-CNI/1 ADD 5 0\nabc",
        "JILIUM-CNI/1 ADD 0 -1\n",
        "JILIUM-CNI/1 ADD 0 0 and a first line that does not end at any time soon, as it should"
      })
  void refusesWhatIsNoRequest(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class);
  }

  @Test
  void refusesAnUnknownVerb() {
    assertThatThrownBy(() -> read("JILIUM-CNI/1 JUMP 0 0\n"))
        .hasMessage("CNI_COMMAND JUMP is not known");
  }

  @Test
  void refusesInputThatIsNoText() {
    var bytes = "JILIUM-CNI/1 ADD 0 1\n\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> CniRequest.read(new ByteArrayInputStream(bytes)))
        .isInstanceOfSatisfying(
            CniException.class, e -> assertThat(e.code()).isEqualTo(Code.DECODING));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CNI_IFNAME=eth0\0",
        "CNI_CONTAINERID=\0CNI_IFNAME=eth0\0",
        "CNI_CONTAINERID=../x\0CNI_IFNAME=eth0\0",
        "CNI_CONTAINERID=-x\0CNI_IFNAME=eth0\0",
        "CNI_CONTAINERID=x\0",
        "CNI_CONTAINERID=x\0CNI_IFNAME=..\0",
        "CNI_CONTAINERID=x\0CNI_IFNAME=a/b\0",
        "CNI_CONTAINERID=x\0CNI_IFNAME=a b\0",
        "CNI_CONTAINERID=x\0CNI_IFNAME=a:b\0",
        "CNI_CONTAINERID=x\0CNI_IFNAME=sixteen-letters-\0"
      })
  void namesTheVariableThatIsWrong(String environment) throws IOException {
    var request = with(environment);
    assertThatThrownBy(request::attachment)
        .isInstanceOfSatisfying(
            CniException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ENVIRONMENT))
        .hasMessageMatching("CNI_(CONTAINERID|IFNAME) .*");
  }

  @Test
  void deviceNameIsTheHashThatCiliumUses() {
    // printf %s abc:eth0 | sha256sum
    assertThat(new Attachment("abc", "eth0").deviceName()).hasSize(15).isEqualTo("lxcb133159de544");
  }
}
