// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.PodName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/** The endpoints of the node in memory, with their ids. Safe for threads. */
final class EndpointTable {
  /** Cilium's range; higher ids are given when it is full. */
  private static final int PREFERRED_IDS = 4095;

  private static final int MAX_ID = 65535;

  private final Map<Integer, Entry> pods = new HashMap<>();
  private final Map<Attachment, Integer> ids = new HashMap<>();
  private final Map<Integer, EndpointRow> others = new HashMap<>();
  private final BitSet taken = new BitSet();
  private int last = ThreadLocalRandom.current().nextInt(PREFERRED_IDS);

  /** An id that nothing has; a released one comes back late. */
  synchronized int allocateId() {
    for (int step = 1; step <= PREFERRED_IDS; step++) {
      int id = (last + step - 1) % PREFERRED_IDS + 1;
      if (!taken.get(id)) {
        last = id;
        taken.set(id);
        return id;
      }
    }
    int id = taken.nextClearBit(PREFERRED_IDS + 1);
    if (id > MAX_ID) {
      throw new IllegalStateException("all " + MAX_ID + " endpoint ids are in use");
    }
    taken.set(id);
    return id;
  }

  synchronized void reserveId(int id) {
    taken.set(id);
  }

  synchronized void releaseId(int id) {
    taken.clear(id);
  }

  synchronized void put(Entry entry) {
    int id = entry.endpoint().id();
    taken.set(id);
    pods.put(id, entry);
    ids.put(entry.attachment(), id);
  }

  /** Changes an endpoint that is still there, in one step. */
  synchronized void update(int id, UnaryOperator<Entry> change) {
    var before = pods.get(id);
    if (before != null) {
      pods.put(id, change.apply(before));
    }
  }

  /** Takes it out and gives its id back. */
  synchronized void remove(Entry entry) {
    int id = entry.endpoint().id();
    pods.remove(id);
    ids.remove(entry.attachment(), id);
    taken.clear(id);
  }

  synchronized Optional<Entry> find(Attachment attachment) {
    return Optional.ofNullable(ids.get(attachment)).map(pods::get);
  }

  synchronized Optional<Entry> find(int id) {
    return Optional.ofNullable(pods.get(id));
  }

  synchronized List<Entry> entries() {
    return List.copyOf(pods.values());
  }

  List<Entry> ofPod(PodName pod) {
    return entries().stream().filter(e -> e.endpoint().pod().equals(pod)).toList();
  }

  Optional<Entry> ofDevice(String name) {
    return entries().stream().filter(e -> e.endpoint().interfaceName().equals(name)).findFirst();
  }

  synchronized void show(EndpointRow row) {
    taken.set(row.endpoint().id());
    others.put(row.endpoint().id(), row);
  }

  synchronized void hide(int id) {
    if (others.remove(id) != null) {
      taken.clear(id);
    }
  }

  synchronized Optional<EndpointRow> row(int id) {
    return Optional.ofNullable(pods.get(id))
        .map(Entry::row)
        .or(() -> Optional.ofNullable(others.get(id)));
  }

  synchronized List<EndpointRow> rows() {
    var rows = new ArrayList<EndpointRow>(pods.size() + others.size());
    pods.values().forEach(entry -> rows.add(entry.row()));
    rows.addAll(others.values());
    rows.sort(Comparator.comparingInt(row -> row.endpoint().id()));
    return List.copyOf(rows);
  }
}
