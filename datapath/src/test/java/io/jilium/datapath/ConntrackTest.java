// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConntrackTest {
  private static final int HZ = 250;
  private static final int SYN = 2;
  private static final int ACK = 16;
  private static final int FIN = 1;
  private static final int RST = 4;
  private static final FlowKey TCP = Flows.key("10.244.0.5", 40000, "10.244.0.6", 80, 9);
  private static final FlowKey UDP = Flows.udp(TCP);

  private static boolean expired(
      FlowKey key, FlowEntry entry, Optional<FlowEntry> reverse, int secondsLater) {
    int now = entry.seen() + secondsLater * HZ;
    return Conntrack.expired(key, entry, reverse, ConntrackTimeouts.DEFAULT, new Jiffies(now, HZ));
  }

  private static void expectLifetime(
      FlowKey key, FlowEntry entry, Optional<FlowEntry> reverse, int seconds) {
    assertThat(expired(key, entry, reverse, seconds - 1)).as("a second before").isFalse();
    assertThat(expired(key, entry, reverse, seconds)).as("in time").isTrue();
  }

  @Test
  void handshakeIsKeptForAMinute() {
    expectLifetime(TCP, Flows.entry(5000, SYN), Optional.empty(), 60);
    expectLifetime(TCP, Flows.entry(5000, SYN), Optional.of(Flows.entry(5000, SYN | ACK)), 60);
  }

  @Test
  void establishedConnectionIsKeptForTwoHours() {
    var seen = Flows.entry(5000, SYN | ACK, FlowFlag.SEEN_NON_SYN);
    expectLifetime(TCP, seen, Optional.empty(), 8000);
    expectLifetime(TCP, Flows.entry(5000, SYN), Optional.of(seen), 8000);
  }

  @Test
  void halfClosedConnectionIsEstablished() {
    var closing = Flows.entry(5000, SYN | ACK | FIN, FlowFlag.SEEN_NON_SYN, FlowFlag.CLOSING);
    var open = Flows.entry(5000, SYN | ACK, FlowFlag.SEEN_NON_SYN, FlowFlag.REPLY);
    expectLifetime(TCP, closing, Optional.of(open), 8000);
  }

  @Test
  void halfClosedConnectionWhoseAnswersGoPastIsKeptForAMinute() {
    var closing =
        Flows.entry(
            5000,
            SYN | ACK | FIN,
            FlowFlag.SEEN_NON_SYN,
            FlowFlag.CLOSING,
            FlowFlag.DIRECT,
            FlowFlag.REWRITE_DST);
    var silent = Flows.entry(5000, 0, FlowFlag.REPLY);
    expectLifetime(TCP, closing, Optional.of(silent), 60);
    expectLifetime(TCP, silent, Optional.of(closing), 60);
    expectLifetime(TCP, closing, Optional.empty(), 60);
  }

  @Test
  void answersOfAServerThatWasAskedByAnotherNodeBelongToWhatCameTranslated() {
    var key = Flows.key("198.51.100.1", 40000, "10.244.0.5", 80, 0);
    var service = IpAddress.parse("172.30.0.2");
    var told = Flows.entry(1, SYN, FlowAction.POD, 9, service, 30080, FlowFlag.DIRECT);
    var answer = Flows.key("10.244.0.5", 80, "198.51.100.1", 40000, 9);
    assertThat(Conntrack.reverse(key, told, address -> 9, 30)).isEqualTo(answer);
    var back =
        Flows.entry(
            1,
            SYN,
            FlowAction.NODE,
            2,
            service,
            30080,
            FlowFlag.DIRECT,
            FlowFlag.REPLY,
            FlowFlag.REWRITE_SRC);
    assertThat(Conntrack.reverse(answer, back, address -> 0, 30)).isEqualTo(key);
  }

  @Test
  void connectionClosedByBothIsKeptForTenSeconds() {
    var closing = Flows.entry(5000, SYN | ACK | FIN, FlowFlag.SEEN_NON_SYN, FlowFlag.CLOSING);
    expectLifetime(TCP, closing, Optional.of(closing), 10);
  }

  @Test
  void resetConnectionIsKeptForTenSeconds() {
    var reset = Flows.entry(5000, RST | ACK, FlowFlag.SEEN_NON_SYN, FlowFlag.CLOSING);
    var open = Flows.entry(5000, SYN | ACK, FlowFlag.SEEN_NON_SYN);
    expectLifetime(TCP, reset, Optional.of(open), 10);
    expectLifetime(TCP, open, Optional.of(reset), 10);
  }

  @Test
  void datagramsAreKeptForAMinute() {
    expectLifetime(UDP, Flows.entry(5000, 0), Optional.empty(), 60);
  }

  @Test
  void packetInOneDirectionKeepsBoth() {
    var old = Flows.entry(5000, 0);
    var fresh = Flows.entry(5000 + 59 * HZ, 0);
    assertThat(expired(UDP, old, Optional.of(fresh), 100)).isFalse();
    assertThat(expired(UDP, old, Optional.of(fresh), 119)).isTrue();
  }

  @Test
  void counterMayWrapAround() {
    var entry = Flows.entry(-1000, 0);
    expectLifetime(UDP, entry, Optional.empty(), 60);
  }

  @Test
  void packetAfterTheClockWasReadIsNotOld() {
    var entry = Flows.entry(5000, 0);
    assertThat(new Jiffies(4990, HZ).since(entry.seen())).isEqualTo(Duration.ZERO);
  }

  @Test
  void answerBetweenPodsComesFromTheOtherDevice() {
    var entry = Flows.entry(1, SYN, FlowAction.POD, 12, Flows.NONE, 0);
    assertThat(Conntrack.reverse(TCP, entry, address -> 12, 30))
        .isEqualTo(Flows.key("10.244.0.6", 80, "10.244.0.5", 40000, 12));
  }

  @Test
  void translationIsUndoneInBothDirections() {
    var node = IpAddress.parse("172.30.0.1");
    var key = Flows.key("10.244.0.5", 40000, "198.51.100.1", 80, 9);
    var entry = Flows.entry(1, SYN, FlowAction.NODE, 2, node, 50123, FlowFlag.REWRITE_SRC);
    var answer = Conntrack.reverse(key, entry, address -> 0, 30);
    assertThat(answer).isEqualTo(Flows.key("198.51.100.1", 80, "172.30.0.1", 50123, 0));
    var back =
        Flows.entry(
            1, SYN, FlowAction.POD, 9, key.source(), 40000, FlowFlag.REWRITE_DST, FlowFlag.REPLY);
    assertThat(Conntrack.reverse(answer, back, address -> 9, 30)).isEqualTo(key);
  }

  @Test
  void answerToWhatWentToTheStackComesOutOfIt() {
    var key = Flows.key("10.244.0.5", 40000, "10.96.0.10", 80, 9);
    var entry = Flows.entry(1, SYN, FlowAction.STACK, 0, Flows.NONE, 0, FlowFlag.STACK);
    var answer = Flows.key("10.96.0.10", 80, "10.244.0.5", 40000, 30);
    assertThat(Conntrack.reverse(key, entry, address -> 0, 30)).isEqualTo(answer);
    var back = Flows.entry(1, SYN, FlowAction.POD, 9, Flows.NONE, 0, FlowFlag.REPLY);
    assertThat(Conntrack.reverse(answer, back, address -> 9, 30)).isEqualTo(key);
  }

  @Test
  void collectionComesMoreOftenWhenMuchIsDeleted() {
    var start = CollectionInterval.FIRST;
    assertThat(CollectionInterval.next(start, 0)).isEqualTo(start.multipliedBy(3).dividedBy(2));
    assertThat(CollectionInterval.next(start, 0.1)).isEqualTo(start);
    assertThat(CollectionInterval.next(start, 0.5)).isEqualTo(start.dividedBy(2));
    assertThat(CollectionInterval.next(start, 1)).isEqualTo(Duration.ofSeconds(10));
    assertThat(CollectionInterval.next(Duration.ofHours(11), 0)).isEqualTo(Duration.ofHours(12));
  }
}
