// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Tables for consistent choice: every node that knows the same backends fills the same table, and a
 * change of one backend moves little else (Eisenbud et al., "Maglev: A Fast and Reliable Software
 * Network Load Balancer", NSDI 2016, section 3.4). A backend of weight w gets w times the entries
 * of one of weight 1; a share of less than an entry may be none.
 */
public final class Maglev {
  /** Sizes that Cilium allows, all prime. */
  public static final Set<Integer> SIZES =
      Set.of(251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071);

  private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

  private final int size;
  private final long seed;

  /**
   * With one seed for all nodes.
   *
   * @param size a prime of {@link #SIZES}
   */
  public Maglev(int size, String seed) {
    if (!SIZES.contains(size)) {
      throw new IllegalArgumentException("a Maglev table has no " + size + " entries");
    }
    this.size = size;
    long hash = GOLDEN;
    for (byte b : seed.getBytes(StandardCharsets.UTF_8)) {
      hash = mix(hash ^ (b & 0xff));
    }
    this.seed = hash;
  }

  /** A backend and its share. */
  public record Weighted(PortAddress backend, int weight) {}

  /** The entries of a table. */
  public int size() {
    return size;
  }

  /**
   * Positions in the list, one per entry; the order of the list does not matter for who gets what.
   *
   * @param backends at least one of weight above 0, each once
   */
  public int[] table(List<Weighted> backends) {
    int count = backends.size();
    var order = order(backends);
    int heaviest = backends.stream().mapToInt(Weighted::weight).max().orElse(0);
    if (heaviest < 1) {
      throw new IllegalArgumentException("a Maglev table needs a backend");
    }
    var next = new int[count];
    var step = new int[count];
    for (int i = 0; i < count; i++) {
      var backend = backends.get(order[i]).backend();
      long hash = hash(backend, seed);
      next[i] = (int) Long.remainderUnsigned(hash, size);
      step[i] = (int) Long.remainderUnsigned(mix(hash + GOLDEN), size - 1) + 1;
    }
    return fill(backends, order, next, step, heaviest);
  }

  /** Turns go by address, so that all nodes agree whatever the order of their lists. */
  private static int[] order(List<Weighted> backends) {
    var order = new Integer[backends.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> backends.get(a).backend().compareTo(backends.get(b).backend()));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  /** Each turn every backend saves its weight; who has saved the heaviest one's takes an entry. */
  private int[] fill(List<Weighted> backends, int[] order, int[] next, int[] step, int heaviest) {
    var table = new int[size];
    Arrays.fill(table, -1);
    var saved = new int[order.length];
    int filled = 0;
    while (true) {
      for (int i = 0; i < order.length; i++) {
        saved[i] += backends.get(order[i]).weight();
        if (saved[i] < heaviest) {
          continue;
        }
        saved[i] -= heaviest;
        int at = next[i];
        while (table[at] >= 0) {
          at = at + step[i] >= size ? at + step[i] - size : at + step[i];
        }
        table[at] = order[i];
        next[i] = at;
        if (++filled == size) {
          return table;
        }
      }
    }
  }

  private static long hash(PortAddress backend, long seed) {
    long hash = mix(seed ^ backend.address().high());
    hash = mix(hash ^ backend.address().low());
    return mix(hash ^ ((long) backend.port() << 8 | backend.protocol().number()));
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long z) {
    long x = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
    x = (x ^ x >>> 27) * 0x94d0_49bb_1331_11ebL;
    return x ^ x >>> 31;
  }
}
