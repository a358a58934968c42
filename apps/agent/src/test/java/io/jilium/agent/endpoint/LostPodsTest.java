// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.PodName;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LostPodsTest {
  private static final long START = Long.MAX_VALUE - 1;

  private final Endpoint before = SomeEndpoint.of(1, "before");
  private final Endpoint after = SomeEndpoint.of(2, "after");
  private final LostPods lost = new LostPods(Set.of(1), Duration.ofSeconds(30));

  /** Such clocks may begin anywhere, and run over. */
  private static long later(int seconds) {
    return START + Duration.ofSeconds(seconds).toNanos();
  }

  private List<Endpoint> due(int second, PodName... gone) {
    return lost.due(List.of(before, after), List.of(gone)::contains, later(second));
  }

  @Test
  void anEndpointGoesWhenItsPodIsGoneForLong() {
    assertThat(due(0, before.pod())).isEmpty();
    assertThat(due(29, before.pod())).isEmpty();
    assertThat(due(30, before.pod())).containsExactly(before);
  }

  @Test
  void aPodThatIsBackBeginsAnew() {
    assertThat(due(0, before.pod())).isEmpty();
    assertThat(due(20)).isEmpty();
    assertThat(due(40, before.pod())).isEmpty();
    assertThat(due(70, before.pod())).containsExactly(before);
  }

  @Test
  void whatWasMadeSinceTheStartStaysAlthoughTheSourceDoesNotKnowItsPod() {
    assertThat(due(0, after.pod())).isEmpty();
    assertThat(due(3600, after.pod())).isEmpty();
  }

  @Test
  void whatHasNoPodStays() {
    var none = SomeEndpoint.of(1, "");
    assertThat(lost.due(List.of(none), _ -> true, later(0))).isEmpty();
    assertThat(lost.due(List.of(none), _ -> true, later(60))).isEmpty();
  }
}
