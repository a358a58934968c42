// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.ResourceWatcher;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind, each trimmed to what duties need. Only the duties' thread reads it and
 * changes it; a watcher has its changes done there.
 */
final class Table<R> implements ResourceWatcher.Follower {
  private final Resource resource;
  private final Function<JsonNode, Optional<R>> reader;
  private final Executor duties;
  private final Map<String, R> rows = new HashMap<>();
  private long version;
  private boolean synced;

  /**
   * Empty yet.
   *
   * @param reader what is kept of an object; empty: the object does not matter
   */
  Table(Resource resource, Function<JsonNode, Optional<R>> reader, Executor duties) {
    this.resource = resource;
    this.reader = reader;
    this.duties = duties;
  }

  Resource resource() {
    return resource;
  }

  /** By {@code namespace/name} or name. */
  Map<String, R> rows() {
    return Collections.unmodifiableMap(rows);
  }

  Collection<R> values() {
    return Collections.unmodifiableCollection(rows.values());
  }

  @Nullable R get(String key) {
    return rows.get(key);
  }

  boolean isSynced() {
    return synced;
  }

  /** Changes with every change of a row. */
  long version() {
    return version;
  }

  /** What the server answered to a write; the watcher brings the same a moment later. */
  void put(JsonNode object) {
    String key = ResourceWatcher.key(object);
    Optional<R> row = reader.apply(object);
    @Nullable R before = row.isPresent() ? rows.put(key, row.get()) : rows.remove(key);
    if (!Optional.ofNullable(before).equals(row)) {
      version++;
    }
  }

  /** A duty removed the object. */
  void remove(String key) {
    if (rows.remove(key) != null) {
      version++;
    }
  }

  @Override
  public void changed(JsonNode object) {
    duties.execute(() -> put(object));
  }

  @Override
  public void gone(String key) {
    duties.execute(() -> remove(key));
  }

  @Override
  public void synced() {
    duties.execute(() -> {
      synced = true;
      version++;
    });
  }
}
