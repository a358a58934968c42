// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * An immutable set of labels, one per key, sorted by key. Its {@link #identityKey} is what
 * identities are allocated for, spelled as Cilium spells it in the key-value store.
 */
public final class Labels implements Iterable<Label> {
  /** No labels. */
  public static final Labels NONE = new Labels(new Label[0]);

  private final Label[] sorted;
  private final int hash;

  private Labels(Label[] sorted) {
    this.sorted = sorted;
    this.hash = Arrays.hashCode(sorted);
  }

  /** Of several labels with one key the last counts. */
  public static Labels of(Collection<Label> labels) {
    var byKey = new TreeMap<String, Label>();
    labels.forEach(label -> byKey.put(label.key(), label));
    return byKey.isEmpty() ? NONE : new Labels(byKey.values().toArray(Label[]::new));
  }

  /** Of several labels with one key the last counts. */
  public static Labels of(Label... labels) {
    return of(Arrays.asList(labels));
  }

  /** Kubernetes labels from a plain map. */
  public static Labels k8s(Map<String, String> labels) {
    return of(labels.entrySet().stream().map(e -> Label.k8s(e.getKey(), e.getValue())).toList());
  }

  /** Parses {@code [source:]key[=value]} each. */
  public static Labels parse(Collection<String> texts) {
    return of(texts.stream().map(Label::parse).toList());
  }

  /** Parses what {@link #identityKey} wrote. */
  public static Labels parseIdentityKey(String key) {
    return parse(Arrays.stream(key.split(";")).filter(part -> !part.isEmpty()).toList());
  }

  /** Every label as {@code source:key=value;}, sorted by key. */
  public String identityKey() {
    var text = new StringBuilder(32 * sorted.length);
    for (Label label : sorted) {
      text.append(label.source())
          .append(':')
          .append(label.key())
          .append('=')
          .append(label.value())
          .append(';');
    }
    return text.toString();
  }

  /** The label with that key. */
  public Optional<Label> get(String key) {
    int low = 0;
    int high = sorted.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = sorted[middle].key().compareTo(key);
      if (order == 0) {
        return Optional.of(sorted[middle]);
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  /** Whether exactly this label is there. */
  public boolean contains(Label label) {
    return get(label.key()).filter(label::equals).isPresent();
  }

  /** These labels and the others, which win on equal keys. */
  public Labels plus(Labels others) {
    List<Label> all = new ArrayList<>(Arrays.asList(sorted));
    all.addAll(Arrays.asList(others.sorted));
    return of(all);
  }

  /** The number of labels. */
  public int size() {
    return sorted.length;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return sorted.length == 0;
  }

  /** In the order of their keys. */
  public Stream<Label> stream() {
    return Arrays.stream(sorted);
  }

  /** The printed labels in the order of their keys. */
  public List<String> texts() {
    return stream().map(Label::toString).toList();
  }

  @Override
  public Iterator<Label> iterator() {
    return stream().iterator();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Labels labels
            && hash == labels.hash
            && Arrays.equals(sorted, labels.sorted));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return String.join(",", texts());
  }

  /**
   * Keeps one object per value, so that thousands of endpoints with equal labels share them.
   * Thread-safe.
   */
  public static final class Interner {
    private final Map<Labels, Labels> labels = new ConcurrentHashMap<>();

    /** The one object that equals the argument. */
    public Labels intern(Labels value) {
      Labels known = labels.putIfAbsent(value, value);
      return known == null ? value : known;
    }

    /** Forgets what is no longer used; objects handed out stay valid. */
    public void retain(Collection<Labels> used) {
      labels.keySet().retainAll(used);
    }
  }
}
