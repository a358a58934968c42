// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

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

  /** Measured: what the kernel takes for one, its share of the table included. */
  private static final int FLOW_BYTES = 222;

  private static final int FEWEST_FLOWS = 1 << 17;
  private static final int MOST_FLOWS = 1 << 24;

  /** How many flows this part of a node's memory holds; never fewer than a small node needs. */
  public static int flows(long memoryBytes, double ratio) {
    return Math.clamp(Math.round(memoryBytes * ratio / FLOW_BYTES), FEWEST_FLOWS, MOST_FLOWS);
  }

  /** The memory of this machine, empty if the kernel does not say. */
  public static OptionalLong machineMemory() {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Refuses what the kernel would. */
  public MapSizes {
    for (int size : new int[] {flows, endpoints, ipcache, devices, fragments, metrics}) {
      if (size < 1) {
        throw new IllegalArgumentException("a map of " + size + " entries");
      }
    }
    if (Integer.bitCount(eventBytes) != 1 || eventBytes < 4096) {
      throw new IllegalArgumentException(
          "an event ring of " + eventBytes + " bytes is not a power of two of at least a page");
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
      default -> 0; // fixed, or of services
    };
  }
}
