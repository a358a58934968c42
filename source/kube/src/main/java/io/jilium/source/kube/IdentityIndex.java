// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The identities of the cluster as last heard. Thread-safe. */
final class IdentityIndex {
  private static final int SPAN = NumericIdentity.CLUSTER_MAX - NumericIdentity.CLUSTER_MIN + 1;

  private final Map<Integer, Labels> labelsById = new HashMap<>();
  private final Map<Labels, TreeSet<Integer>> idsByLabels = new HashMap<>();
  private final int clusterBits;

  IdentityIndex(int clusterId) {
    this.clusterBits = clusterId << 16;
  }

  synchronized void put(int id, Labels labels) {
    if (!Optional.of(labels).equals(Optional.ofNullable(labelsById.get(id)))) {
      var _ = remove(id);
      labelsById.put(id, labels);
      idsByLabels.computeIfAbsent(labels, _ -> new TreeSet<>()).add(id);
    }
  }

  /** Returns the labels that the number stood for. */
  synchronized Optional<Labels> remove(int id) {
    var labels = labelsById.remove(id);
    if (labels == null) {
      return Optional.empty();
    }
    var ids = idsByLabels.get(labels);
    if (ids != null && ids.remove(id) && ids.isEmpty()) {
      idsByLabels.remove(labels);
    }
    return Optional.of(labels);
  }

  /** Of several numbers for the same labels the lowest is the one that all nodes use. */
  synchronized Optional<Integer> lowest(Labels labels) {
    return Optional.ofNullable(idsByLabels.get(labels)).map(TreeSet::first);
  }

  /**
   * A number that nobody is known to use; empty when all are taken. All nodes that look for one for
   * the same labels begin at the same place, so that they collide, and learn of each other, instead
   * of making two; for different labels they rarely meet.
   */
  synchronized Optional<Integer> free(Labels labels) {
    int start = Math.floorMod(labels.identityKey().hashCode() * 0x9e3779b1, SPAN);
    for (int i = 0; i < SPAN; i++) {
      int id = clusterBits | (NumericIdentity.CLUSTER_MIN + (start + i) % SPAN);
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
