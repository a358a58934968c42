// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * Numbers from 1 on. A number that was given back is the last to be given again, so that whoever
 * still remembers it does not soon meet somebody else.
 */
public final class IdPool {
  private int last;
  private final BitSet used = new BitSet();
  private int next = 1;

  /** Numbers up to and with the last one. */
  public IdPool(int last) {
    this.last = last;
  }

  /** There are numbers up to and with a later last one from now on. */
  public void grow(int later) {
    if (later < last) {
      throw new IllegalArgumentException("numbers up to " + later + " instead of " + last);
    }
    last = later;
  }

  /** Takes the number that somebody has already; false if another one has it, or there is none. */
  public boolean take(int id) {
    if (id < 1 || id > last || used.get(id)) {
      return false;
    }
    used.set(id);
    return true;
  }

  /** A free number; empty when all are used. */
  public OptionalInt take() {
    int id = used.nextClearBit(next);
    if (id > last) {
      id = used.nextClearBit(1);
    }
    if (id > last) {
      return OptionalInt.empty();
    }
    used.set(id);
    next = id + 1;
    return OptionalInt.of(id);
  }

  /** Gives a number back. */
  public void release(int id) {
    used.clear(id);
  }

  /** How many are used. */
  public int size() {
    return used.cardinality();
  }
}
