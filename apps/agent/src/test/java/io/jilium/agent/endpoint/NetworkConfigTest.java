// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jilium.core.model.IpAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NetworkConfigTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | 6 | stdin is empty",
        "[] | 6 | not a JSON object",
        "{ | 6 | line 1, column 2",
        "{} x | 6 | line 1",
        "{\"name\":\"a\",\"name\":\"b\"} | 6 | Duplicate field 'name'",
        "{\"name\":\"a\"} | 7 | cniVersion is missing",
        "{\"cniVersion\":1,\"name\":\"a\"} | 7 | cniVersion is not a string: 1",
        "{\"cniVersion\":\"0.2.0\",\"name\":\"a\"} | 1 | cniVersion \"0.2.0\" is not supported",
        "{\"cniVersion\":\"2.0.0\",\"name\":\"a\"} | 1 | cniVersion \"2.0.0\" is not supported",
        "{\"cniVersion\":\"1.0.0\"} | 7 | name is missing",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a/b\"} | 7 | name \"a/b\" is not letters",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"ipam\":{\"type\":\"host-local\"}} | 2 | ipam",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"prevResult\":[]} | 7 | prevResult is not an object",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"prevResult\":{\"ips\":[{\"address\":\"x\"}]}} | 7 | \"x\" is not an address",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"cni.dev/valid-attachments\":{}} | 7 | valid-attachments is not a list",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"a\",\"cni.dev/valid-attachments\":[{\"ifname\":\"e\"}]} | 7 | strings containerID and ifname"
      })
  void namesWhatIsWrong(String input, int code, String words) {
    var e =
        catchThrowableOfType(CniException.class, () -> NetworkConfig.parse(CniCommand.ADD, input));
    assertThat(e.code().number()).isEqualTo(code);
    assertThat(e).hasMessageContaining(words);
  }

  @Test
  void verbsHaveTheirOldestVersion() {
    var e =
        catchThrowableOfType(
            CniException.class,
            () -> NetworkConfig.parse(CniCommand.GC, "{\"cniVersion\":\"1.0.0\",\"name\":\"a\"}"));
    assertThat(e).hasMessage("GC needs cniVersion 1.1.0, not 1.0.0");
    assertThat(e.code().number()).isEqualTo(1);
  }

  @Test
  void readsWhatCheckAndGcNeed() {
    var config =
        NetworkConfig.parse(
            CniCommand.CHECK,
            """
            {"cniVersion": "1.1.0", "name": "jilium", "type": "jilium-cni",
             "prevResult": {"ips": [{"address": "10.0.0.5/32"}, {"address": "fd00::5/128"}]},
             "cni.dev/valid-attachments": [{"containerID": "c", "ifname": "eth0"}]}\
            """);
    assertThat(config.previousAddresses())
        .contains(List.of(IpAddress.parse("10.0.0.5"), IpAddress.parse("fd00::5")));
    assertThat(config.validAttachments()).contains(Set.of(new Attachment("c", "eth0")));
  }
}
