// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/**
 * The most entries of each map of services.
 *
 * @param slots of all backend sets together
 * @param maglevEntries of one Maglev table
 */
public record ServiceSizes(
    int frontends,
    int backends,
    int slots,
    int affinity,
    int sourceRanges,
    int socketFlows,
    int maglevEntries) {
  /** For every frontend four backends, and twice their slots: a change writes a set anew. */
  private static final int BACKENDS = 4;

  private static final int SLOTS = 8;

  /** For a node without special wishes. */
  public static final ServiceSizes DEFAULT = of(65536, 16381);

  /** By {@code bpf.lbMapMax}, the most frontends. */
  public static ServiceSizes of(int frontends, int maglevEntries) {
    return new ServiceSizes(
        frontends,
        frontends * BACKENDS,
        frontends * SLOTS,
        frontends,
        frontends,
        2 * frontends,
        maglevEntries);
  }

  /** Refuses what the kernel would. */
  public ServiceSizes {
    for (int size :
        new int[] {
          frontends, backends, slots, affinity, sourceRanges, socketFlows, maglevEntries
        }) {
      if (size < 1) {
        throw new IllegalArgumentException("a map of " + size + " entries");
      }
    }
  }

  /** The bytes of a map's value; 0 when the object says it. */
  int valueBytes(DatapathMap map) {
    return map == DatapathMap.MAGLEV ? maglevEntries * Short.BYTES : 0;
  }

  /** The size of a map; 0 when the object says it. */
  public int of(DatapathMap map) {
    return switch (map) {
      case FRONTENDS, MAGLEV, NODE_ADDRESSES -> frontends;
      case BACKENDS, MEMBERS -> backends;
      case BACKEND_SLOTS -> slots;
      case AFFINITY -> affinity;
      case SOURCE_RANGES -> sourceRanges;
      case SOCKET_FLOWS -> socketFlows;
      default -> 0;
    };
  }
}
