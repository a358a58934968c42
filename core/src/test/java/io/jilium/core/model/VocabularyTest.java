// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VocabularyTest {
  @Test
  void dropReasonsAreTheKernelsVerdicts() throws IOException {
    String header = Files.readString(Path.of("../datapath/src/main/bpf/abi/verdict.h"));
    Map<Integer, String> kernel = new TreeMap<>();
    Matcher matcher = Pattern.compile("DROP_(\\w+) = (\\d+)").matcher(header);
    while (matcher.find()) {
      kernel.put(Integer.parseInt(matcher.group(2)), matcher.group(1));
    }
    Map<Integer, String> twin = new TreeMap<>();
    Arrays.stream(DropReason.values()).forEach(reason -> twin.put(reason.number(), reason.name()));
    assertThat(twin).isEqualTo(kernel);
    assertThat(DropReason.text(132)).isEqualTo("Invalid source ip");
    assertThat(DropReason.text(250)).isEqualTo("250");
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource({
    "waiting-for-identity, ready, true",
    "waiting-for-identity, regenerating, false",
    "ready, waiting-to-regenerate, true",
    "ready, regenerating, false",
    "waiting-to-regenerate, regenerating, true",
    "regenerating, ready, true",
    "restoring, regenerating, true",
    "ready, disconnecting, true",
    "disconnecting, disconnected, true",
    "disconnecting, ready, false",
    "disconnected, ready, false",
    "ready, ready, true",
  })
  void endpointStatesChangeByTheTable(String from, String to, boolean allowed) {
    EndpointState state = EndpointState.named(from).orElseThrow();
    assertThat(state.canBecome(EndpointState.named(to).orElseThrow())).isEqualTo(allowed);
  }

  @ParameterizedTest(name = "identity {0} is {1}")
  @CsvSource({"1, host", "2, world", "6, remote-node", "9, world-ipv4", "300, 300"})
  void identitiesHaveNames(int number, String text) {
    assertThat(new NumericIdentity(number).text()).isEqualTo(text);
  }

  @Test
  void macAddressesPrintAsTheyParse() {
    MacAddress mac = MacAddress.parse("0A:58:0a:f4:01:16");
    assertThat(mac).hasToString("0a:58:0a:f4:01:16");
    assertThat(MacAddress.ofBytes(mac.bytes())).isEqualTo(mac);
    assertThat(MacAddress.locallyAdministered(-1L)).hasToString("fe:ff:ff:ff:ff:ff");
    assertThatThrownBy(() -> MacAddress.parse("0a:58"))
        .hasMessageContaining("\"0a:58\" is not a MAC");
  }

  @Test
  void tracePointsAreNumberedWithoutGaps() {
    for (TraceObservationPoint point : TraceObservationPoint.values()) {
      assertThat(TraceObservationPoint.of(point.number())).contains(point);
    }
    assertThat(TraceObservationPoint.of(4).map(TraceObservationPoint::text)).contains("to-overlay");
    assertThat(TraceState.of(2).map(TraceState::text)).contains("reply");
  }
}
