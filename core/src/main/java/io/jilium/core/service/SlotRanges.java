// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which parts of an array are free. Ranges are given out in turn, so that one that was given back
 * is not soon written again; the smallest that fits only when no other is near. Element 0 stays
 * unused.
 */
public final class SlotRanges {
  private static final int NEAR = 32;

  private int capacity;
  private final TreeMap<Integer, Integer> free = new TreeMap<>();
  private final TreeMap<Integer, TreeSet<Integer>> bySize = new TreeMap<>();
  private int cursor = 1;
  private int used;

  /** All free. */
  public SlotRanges(int capacity) {
    this.capacity = capacity;
    add(1, capacity - 1);
  }

  /** The array is longer from now on; what was added is free. */
  public void grow(int longer) {
    if (longer < capacity) {
      throw new IllegalArgumentException("an array of " + longer + " instead of " + capacity);
    }
    int added = longer - capacity;
    int end = capacity;
    capacity = longer;
    if (added > 0) {
      used += added;
      release(end, added);
    }
  }

  /** Takes a range that is in use already; false if a part of it is taken or does not exist. */
  public boolean take(int start, int length) {
    var entry = free.floorEntry(start);
    if (length < 1
        || entry == null
        || start + (long) length > entry.getKey() + (long) entry.getValue()) {
      return false;
    }
    cut(entry.getKey(), entry.getValue(), start, length);
    return true;
  }

  /** The start of a free range of that length; empty when none is left. */
  public OptionalInt allocate(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("a range of " + length);
    }
    var around = free.floorEntry(cursor);
    if (around != null && around.getKey() + around.getValue() >= cursor + (long) length) {
      return OptionalInt.of(cut(around.getKey(), around.getValue(), cursor, length));
    }
    var entry = free.ceilingEntry(cursor);
    for (int i = 0; i < NEAR && entry != null; i++) {
      if (entry.getValue() >= length) {
        return OptionalInt.of(cut(entry.getKey(), entry.getValue(), entry.getKey(), length));
      }
      entry = free.higherEntry(entry.getKey());
    }
    var fitting = bySize.ceilingEntry(length);
    if (fitting == null) {
      return OptionalInt.empty();
    }
    int start = fitting.getValue().first();
    return OptionalInt.of(cut(start, fitting.getKey(), start, length));
  }

  /** Gives a range back. */
  public void release(int start, int length) {
    int from = start;
    int to = start + length;
    used -= length;
    var before = free.floorEntry(start);
    if (before != null && before.getKey() + before.getValue() == start) {
      from = before.getKey();
      remove(before.getKey(), before.getValue());
    }
    var after = free.get(to);
    if (after != null) {
      remove(to, after);
      to += after;
    }
    add(from, to - from);
  }

  /** Elements that are taken. */
  public int used() {
    return used;
  }

  /** All elements. */
  public int capacity() {
    return capacity;
  }

  private int cut(int from, int size, int start, int length) {
    remove(from, size);
    add(from, start - from);
    add(start + length, from + size - start - length);
    used += length;
    cursor = start + length;
    return start;
  }

  private void add(int start, int length) {
    if (length > 0) {
      free.put(start, length);
      bySize.computeIfAbsent(length, _ -> new TreeSet<>()).add(start);
    }
  }

  private void remove(int start, int length) {
    free.remove(start);
    var starts = bySize.get(length);
    if (starts != null && starts.remove(start) && starts.isEmpty()) {
      bySize.remove(length);
    }
  }
}
