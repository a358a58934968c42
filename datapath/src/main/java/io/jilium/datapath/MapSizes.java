// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/**
 * The most entries of each map; a connection takes two flows.
 *
 * @param eventBytes of the ring buffer: a power of two, and whole pages
 */
public record MapSizes(
    int flows,
    int endpoints,
    int ipcache,
    int devices,
    int fragments,
    int metrics,
    int eventBytes) {
  /** For a node without special wishes. */
  public static final MapSizes DEFAULT =
      new MapSizes(1 << 18, 1 << 16, 512_000, 256, 8192, 1024, 1 << 22);

  /** Refuses what the kernel would. */
  public MapSizes {
    for (int size : new int[] {flows, endpoints, ipcache, devices, fragments, metrics}) {
      if (size < 1) {
        throw new IllegalArgumentException("a map of " + size + " entries");
      }
    }
    if (Integer.bitCount(eventBytes) != 1 || eventBytes < 4096) {
      throw new IllegalArgumentException(
          "bpf.events.bytes " + eventBytes + " is not a power of two of at least a page");
    }
  }

  /** The size of a map; 0 when the object says it. */
  int of(DatapathMap map) {
    return switch (map) {
      case FLOWS -> flows;
      case ENDPOINTS -> endpoints;
      case IPCACHE -> ipcache;
      case DEVICES -> devices;
      case FRAGMENTS -> fragments;
      case METRICS -> metrics;
      case EVENTS -> eventBytes;
      case RUNTIME, COUNTERS -> 0;
    };
  }
}
