// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.table.Change;
import io.jilium.agent.table.Target;
import io.jilium.datapath.TypedMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** A map of the datapath as the target of a reconciler. */
final class MapTarget<K, M, V> implements Target<K, V> {
  private final TypedMap<M, V> map;
  private final Function<K, M> toKernel;
  private final Function<M, K> fromKernel;

  MapTarget(TypedMap<M, V> map, Function<K, M> toKernel, Function<M, K> fromKernel) {
    this.map = map;
    this.toKernel = toKernel;
    this.fromKernel = fromKernel;
  }

  @Override
  public Map<K, V> actual() {
    var rows = new LinkedHashMap<K, V>();
    map.forEach((key, value) -> rows.put(fromKernel.apply(key), value));
    return rows;
  }

  @Override
  public void apply(Change<K, V> change) {
    switch (change) {
      case Change.Add<K, V> add -> map.put(toKernel.apply(add.key()), add.value());
      case Change.Update<K, V> update -> map.put(toKernel.apply(update.key()), update.value());
      case Change.Remove<K, V> remove -> map.delete(toKernel.apply(remove.key()));
    }
  }
}
