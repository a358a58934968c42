// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What this node wants to stand in etcd under its lease, and what of it is not written yet.
 * Thread-safe.
 */
final class OwnKeys {
  private final Map<String, String> desired = new LinkedHashMap<>();
  private final Set<String> unwritten = new LinkedHashSet<>();
  private final Map<String, String> withdrawn = new LinkedHashMap<>();

  /** False when exactly this is desired already. */
  synchronized boolean publish(String key, String value) {
    withdrawn.remove(key);
    if (value.equals(desired.put(key, value))) {
      return false;
    }
    unwritten.add(key);
    return true;
  }

  synchronized void withdraw(String key) {
    String value = desired.remove(key);
    unwritten.remove(key);
    if (value != null) {
      withdrawn.put(key, value);
    }
  }

  /** The key vanished from etcd; true when it is desired and has to be written again. */
  synchronized boolean lost(String key) {
    return desired.containsKey(key) && unwritten.add(key);
  }

  synchronized void allLost() {
    unwritten.addAll(desired.keySet());
  }

  synchronized boolean contains(String key) {
    return desired.containsKey(key);
  }

  synchronized boolean isWritten() {
    return unwritten.isEmpty() && withdrawn.isEmpty();
  }

  /** Writes what is not written. What fails stays. */
  void flush(Etcd etcd, long lease) {
    while (true) {
      Map<String, String> batch = batch();
      if (batch.isEmpty()) {
        break;
      }
      List<Write> writes = new ArrayList<>();
      batch.forEach((key, value) -> writes.add(new Write.Put(key, value, lease)));
      etcd.commit(List.of(), writes);
      written(batch);
    }
    for (Map.Entry<String, String> entry : withdrawals()) {
      String key = entry.getKey();
      etcd.commit(
          List.of(new Condition.ValueIs(key, entry.getValue())), List.of(new Write.Delete(key)));
      removed(key, entry.getValue());
    }
  }

  private synchronized Map<String, String> batch() {
    Map<String, String> batch = new LinkedHashMap<>();
    for (String key : unwritten) {
      String value = desired.get(key);
      if (value != null) {
        batch.put(key, value);
      }
      if (batch.size() == Etcd.MOST_WRITES) {
        break;
      }
    }
    return batch;
  }

  private synchronized void written(Map<String, String> batch) {
    batch.forEach((key, value) -> {
      if (value.equals(desired.get(key))) {
        unwritten.remove(key);
      }
    });
  }

  private synchronized List<Map.Entry<String, String>> withdrawals() {
    return List.copyOf(withdrawn.entrySet());
  }

  private synchronized void removed(String key, String value) {
    withdrawn.remove(key, value);
  }
}
