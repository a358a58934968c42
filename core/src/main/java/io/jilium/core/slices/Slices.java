// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.slices;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Decides which endpoint is in which slice. A slice has endpoints of one namespace only. An
 * endpoint stays in its slice, so that one change writes one slice; a new one goes into the fullest
 * slice that has room, so that there are few. An empty slice is removed.
 *
 * @param <E> what a slice says of an endpoint
 */
public final class Slices<E> {
  /** The most endpoints of a slice. */
  public static final int MAX_ENDPOINTS = 100;

  /** A slice. Endpoints by name. */
  public record Slice<E>(String name, String namespace, Map<String, E> endpoints) {
    /** Copies. */
    public Slice {
      endpoints = Map.copyOf(endpoints);
    }
  }

  /** Something to write. */
  public sealed interface Change<E> {
    /** A slice is new. */
    record Create<E>(Slice<E> slice) implements Change<E> {}

    /** A slice has other endpoints. */
    record Update<E>(Slice<E> slice) implements Change<E> {}

    /** A slice is no longer needed. */
    record Delete<E>(String name) implements Change<E> {}
  }

  private final Supplier<String> names;
  private final int capacity;

  /**
   * Decides with names for new slices.
   *
   * @param capacity the most endpoints of a slice
   */
  public Slices(Supplier<String> names, int capacity) {
    this.names = names;
    this.capacity = capacity;
  }

  /**
   * Compares slices with what they should have.
   *
   * @param endpoints by namespace, then by name
   */
  public List<Change<E>> changes(List<Slice<E>> slices, Map<String, Map<String, E>> endpoints) {
    Map<String, List<Slice<E>>> byNamespace = new HashMap<>();
    slices.stream()
        .sorted(Comparator.comparing(Slice::name))
        .forEach(slice ->
            byNamespace.computeIfAbsent(slice.namespace(), ns -> new ArrayList<>()).add(slice));
    Set<String> namespaces = new HashSet<>(byNamespace.keySet());
    namespaces.addAll(endpoints.keySet());
    List<Change<E>> changes = new ArrayList<>();
    for (String namespace : namespaces.stream().sorted().toList()) {
      changes(
          namespace,
          byNamespace.getOrDefault(namespace, List.of()),
          endpoints.getOrDefault(namespace, Map.of()),
          changes);
    }
    return changes;
  }

  private void changes(
      String namespace, List<Slice<E>> slices, Map<String, E> wanted, List<Change<E>> changes) {
    Map<String, E> homeless = new TreeMap<>(wanted);
    Map<String, Map<String, E>> contents = new LinkedHashMap<>();
    for (Slice<E> slice : slices) {
      Map<String, E> kept = new HashMap<>();
      // Of an endpoint that is in two slices, the first one's stays.
      slice.endpoints().keySet().stream()
          .sorted()
          .filter(homeless::containsKey)
          .limit(capacity)
          .toList()
          .forEach(name -> kept.put(name, homeless.remove(name)));
      contents.put(slice.name(), kept);
    }
    Map<String, Map<String, E>> created = new LinkedHashMap<>();
    homeless.forEach((name, endpoint) -> home(contents, created).put(name, endpoint));
    created.forEach(
        (name, content) -> changes.add(new Change.Create<>(new Slice<>(name, namespace, content))));
    for (Slice<E> slice : slices) {
      Map<String, E> content = contents.getOrDefault(slice.name(), Map.of());
      if (content.isEmpty()) {
        changes.add(new Change.Delete<>(slice.name()));
      } else if (!content.equals(slice.endpoints())) {
        changes.add(new Change.Update<>(new Slice<>(slice.name(), namespace, content)));
      }
    }
  }

  /** The fullest slice with room, an existing one first. */
  private Map<String, E> home(
      Map<String, Map<String, E>> existing, Map<String, Map<String, E>> created) {
    Optional<Map<String, E>> fullest =
        existing.values().stream()
            .filter(content -> content.size() < capacity)
            .max(Comparator.comparingInt(Map::size));
    return fullest
        .or(() -> created.values().stream().filter(c -> c.size() < capacity).findFirst())
        .orElseGet(() -> {
          Map<String, E> fresh = new HashMap<>();
          created.put(names.get(), fresh);
          return fresh;
        });
  }
}
