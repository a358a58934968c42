// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.slices;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.slices.Slices.Change;
import io.jilium.core.slices.Slices.Slice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlicesTest {
  private final AtomicInteger number = new AtomicInteger();
  private final Slices<String> slices = new Slices<>(() -> "new-" + number.incrementAndGet(), 3);

  private static Map<String, String> endpoints(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .boxed()
        .collect(Collectors.toMap(i -> "pod-" + i, i -> "10.0.0." + i));
  }

  private static Slice<String> slice(String name, Map<String, String> endpoints) {
    return new Slice<>(name, "shop", endpoints);
  }

  @Test
  void endpointsArePackedAsFullAsASliceMayBe() {
    List<Change<String>> changes =
        slices.changes(List.of(), Map.of("shop", endpoints(1, 7), "bank", endpoints(8, 8)));

    assertThat(changes)
        .containsExactly(
            new Change.Create<>(new Slice<>("new-1", "bank", endpoints(8, 8))),
            new Change.Create<>(slice("new-2", endpoints(1, 3))),
            new Change.Create<>(slice("new-3", endpoints(4, 6))),
            new Change.Create<>(slice("new-4", endpoints(7, 7))));
  }

  @Test
  void nothingIsWrittenWhereNothingChanged() {
    assertThat(
            slices.changes(
                List.of(slice("a", endpoints(1, 3)), slice("b", endpoints(4, 5))),
                Map.of("shop", endpoints(1, 5))))
        .isEmpty();
  }

  @Test
  void aNewEndpointGoesIntoTheFullestSliceWithRoom() {
    assertThat(
            slices.changes(
                List.of(slice("a", endpoints(1, 1)), slice("b", endpoints(2, 3))),
                Map.of("shop", endpoints(1, 4))))
        .containsExactly(new Change.Update<>(slice("b", endpoints(2, 4))));
  }

  @Test
  void aChangedEndpointChangesItsSliceAlone() {
    Map<String, String> moved = new HashMap<>(endpoints(1, 4));
    moved.put("pod-1", "10.9.9.9");

    assertThat(
            slices.changes(
                List.of(slice("a", endpoints(1, 3)), slice("b", endpoints(4, 4))),
                Map.of("shop", moved)))
        .containsExactly(
            new Change.Update<>(
                slice("a", Map.of("pod-1", "10.9.9.9", "pod-2", "10.0.0.2", "pod-3", "10.0.0.3"))));
  }

  @Test
  void anEmptySliceIsRemoved() {
    assertThat(
            slices.changes(
                List.of(slice("a", endpoints(1, 3)), slice("b", endpoints(4, 4))),
                Map.of("shop", endpoints(1, 3))))
        .containsExactly(new Change.Delete<>("b"));
  }

  @Test
  void anEndpointInTwoSlicesStaysInTheFirst() {
    assertThat(
            slices.changes(
                List.of(slice("a", endpoints(1, 2)), slice("b", endpoints(2, 3))),
                Map.of("shop", endpoints(1, 3))))
        .containsExactly(new Change.Update<>(slice("b", endpoints(3, 3))));
  }
}
