// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.NumericIdentity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The identities of the cluster as last heard. Thread-safe. */
final class IdentityIndex {
  private final Map<Integer, String> labelsById = new HashMap<>();
  private final Map<String, Integer> idByLabels = new HashMap<>();
  private final int clusterBits;

  IdentityIndex(int clusterId) {
    this.clusterBits = clusterId << 16;
  }

  synchronized void put(int id, String labelsKey) {
    remove(id);
    labelsById.put(id, labelsKey);
    idByLabels.putIfAbsent(labelsKey, id);
  }

  synchronized void remove(int id) {
    String labelsKey = labelsById.remove(id);
    if (labelsKey != null) {
      idByLabels.remove(labelsKey, id);
    }
  }

  synchronized Optional<Integer> idOf(String labelsKey) {
    return Optional.ofNullable(idByLabels.get(labelsKey));
  }

  /**
   * A number that nobody is known to use, by chance so that nodes rarely try the same; empty when
   * all are taken.
   */
  synchronized Optional<Integer> free(RandomGenerator random) {
    int span = NumericIdentity.CLUSTER_MAX - NumericIdentity.CLUSTER_MIN + 1;
    int start = random.nextInt(span);
    for (int i = 0; i < span; i++) {
      int id = clusterBits | (NumericIdentity.CLUSTER_MIN + (start + i) % span);
      if (!labelsById.containsKey(id)) {
        return Optional.of(id);
      }
    }
    return Optional.empty();
  }

  synchronized int size() {
    return labelsById.size();
  }
}
