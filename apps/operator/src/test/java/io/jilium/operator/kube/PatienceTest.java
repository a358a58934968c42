// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final AtomicLong clock = new AtomicLong();
  private final Patience patience = new Patience(Duration.ofSeconds(30), clock::get);

  private void pass(int seconds) {
    clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void whatHasBeenSoForLongEnoughIsOver() {
    assertThat(patience.over(Set.of("a"))).isEmpty();
    pass(20);
    assertThat(patience.over(Set.of("a", "b"))).isEmpty();
    pass(10);
    assertThat(patience.over(Set.of("a", "b"))).containsExactly("a");
  }

  @Test
  void whatWasNotSoInBetweenBeginsAnew() {
    patience.over(Set.of("a"));
    pass(20);
    patience.over(Set.of());
    patience.over(Set.of("a"));
    pass(20);
    assertThat(patience.over(Set.of("a"))).isEmpty();
  }
}
