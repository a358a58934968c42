// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IdentityIndexTest {
  @Test
  void givesTheLastFreeNumberAndThenNone() {
    var index = new IdentityIndex(0);
    for (int id = 256; id <= 65535; id++) {
      if (id != 300) {
        index.put(id, "k8s:n=" + id + ";");
      }
    }
    assertThat(index.free(new SplittableRandom(1))).contains(300);
    index.put(300, "k8s:n=300;");
    assertThat(index.free(new SplittableRandom(1))).isEmpty();
    index.remove(65535);
    assertThat(index.free(new SplittableRandom(1))).contains(65535);
  }

  @Test
  void numbersOfAnotherClusterCarryItsId() {
    assertThat(new IdentityIndex(3).free(new SplittableRandom(1)).orElseThrow() >> 16).isEqualTo(3);
  }

  @Test
  void ofTwoNumbersForTheSameLabelsTheFirstCounts() {
    var index = new IdentityIndex(0);
    index.put(500, "k8s:a=b;");
    index.put(400, "k8s:a=b;");
    assertThat(index.idOf("k8s:a=b;")).contains(500);
    index.remove(400);
    assertThat(index.idOf("k8s:a=b;")).contains(500);
  }
}
