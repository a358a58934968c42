// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowTest {
  @Test
  void medianDoesNotSeeOneBadRound() {
    assertThat(new Samples(List.of(5.0, 99.0, 4.0), "µs").median()).isEqualTo(5);
    assertThat(new Samples(List.of(4.0, 5.0, 6.0, 99.0), "µs").median()).isEqualTo(5.5);
  }

  @Test
  void percentileIsTheValueThatSoManyDoNotExceed() {
    var hundred =
        new Samples(IntStream.rangeClosed(1, 100).mapToObj(Double::valueOf).toList(), "ms");
    assertThat(hundred.percentile(99)).isEqualTo(99);
    assertThat(hundred.percentile(50)).isEqualTo(50.5);
    assertThat(Samples.of(7, "ms").percentile(99)).isEqualTo(7);
  }

  @Test
  void ratioIsTheMedianOfTheRoundsRatios() {
    // A slow second round disturbs both alike; the ratio of medians would be the same here only by
    // chance.
    var ours = new Samples(List.of(11.0, 22.0, 11.0), "µs");
    var baseline = new Samples(List.of(10.0, 20.0, 10.0), "µs");
    var row = Row.compared("x", ours, baseline, "bare veth", Budget.ratioAtMost(1.09));
    assertThat(row.ratio().orElseThrow()).isEqualTo(1.1);
    assertThat(row.met()).isFalse();
    assertThat(row.verdict()).isEqualTo("MISSED");
    assertThat(row.spread()).isEqualTo("1.10–1.10×");
  }

  @Test
  void budgetCanBeFloorOrCeiling() {
    assertThat(Budget.ratioAtLeast(0.97).met(0.98)).isTrue();
    assertThat(Budget.ratioAtLeast(0.97).met(0.96)).isFalse();
    assertThat(new Budget.AtMost(6, "ms").text()).isEqualTo("≤ 6.00 ms");
    assertThat(new Budget.None().met(Double.MAX_VALUE)).isTrue();
  }

  @Test
  void printsTableAndJson() {
    var rows =
        List.of(
            Row.alone("CNI ADD", Samples.of(5.5, "ms"), 50, new Budget.AtMost(6, "ms")),
            Row.alone("memory", Samples.of(210, "MiB"), 50, new Budget.None()));
    assertThat(Report.table(rows))
        .isEqualTo(
            """
            WHAT     OURS       BASELINE  RATIO  SPREAD  BUDGET
            CNI ADD  5.50 ms                             ≤ 6.00 ms  met
            memory   210.0 MiB
            """);
    assertThat(Report.json(rows)).contains("\"what\" : \"CNI ADD\"", "\"met\" : true");
  }

  @Test
  void nothingMeasuredIsAnError() {
    assertThatThrownBy(() -> new Samples(List.of(), "ms")).isInstanceOf(BenchException.class);
  }
}
