// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.NumericIdentity;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdentityIndexTest {
  private final IdentityIndex index = new IdentityIndex(0);

  @Test
  void nodesThatLookForTheSameLabelsMeet() {
    var other = new IdentityIndex(0);
    other.put(300, StoreCluster.labels("unrelated"));
    var labels = StoreCluster.labels("web");
    assertThat(index.free(labels)).isPresent().isEqualTo(other.free(labels));
    assertThat(index.free(labels)).isNotEqualTo(index.free(StoreCluster.labels("db")));
  }

  @Test
  void aTakenNumberIsPassedOver() {
    var labels = StoreCluster.labels("web");
    int first = index.free(labels).orElseThrow();
    index.put(first, StoreCluster.labels("thief"));
    assertThat(index.free(labels)).isPresent().isNotEqualTo(Optional.of(first));
  }

  @Test
  void ofTwoNumbersTheLowestCountsUntilItGoes() {
    var labels = StoreCluster.labels("web");
    index.put(500, labels);
    index.put(400, labels);
    assertThat(index.lowest(labels)).contains(400);
    index.remove(400);
    assertThat(index.lowest(labels)).contains(500);
  }

  @Test
  void numbersOfAClusterInAMeshCarryItsNumber() {
    assertThat(new IdentityIndex(3).free(StoreCluster.labels("web")).orElseThrow() >>> 16)
        .isEqualTo(3);
  }

  @Test
  void whenAllAreTakenThereIsNone() {
    for (int id = NumericIdentity.CLUSTER_MIN; id <= NumericIdentity.CLUSTER_MAX; id++) {
      index.put(id, StoreCluster.labels("l" + id));
    }
    assertThat(index.free(StoreCluster.labels("web"))).isEmpty();
  }
}
