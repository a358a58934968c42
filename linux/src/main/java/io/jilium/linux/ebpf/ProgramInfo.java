// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Fd;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;

/**
 * {@code struct bpf_prog_info} of linux/bpf.h. Run time and count grow while {@link BpfStats} is
 * on; the number of verified instructions is known from kernel 5.16 on.
 */
public record ProgramInfo(
    int id,
    ProgramType type,
    String name,
    String tag,
    int translatedBytes,
    int nativeBytes,
    Duration runTime,
    long runCount,
    OptionalInt verifiedInstructions,
    List<Integer> mapIds) {
  private static final long BYTES = 232;
  private static final int MAX_MAPS = 64; // MAX_USED_MAPS of linux/filter.h

  public ProgramInfo {
    mapIds = List.copyOf(mapIds);
  }

  static ProgramInfo of(Fd program) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(BYTES, 8);
      var ids = arena.allocate(JAVA_INT, MAX_MAPS);
      info.set(JAVA_INT, 52, MAX_MAPS);
      info.set(JAVA_LONG, 56, ids.address());
      int known = Bpf.info(program, info);
      var mapIds = new ArrayList<Integer>();
      for (int i = 0; i < Math.min(MAX_MAPS, info.get(JAVA_INT, 52)); i++) {
        mapIds.add(ids.getAtIndex(JAVA_INT, i));
      }
      return new ProgramInfo(
          info.get(JAVA_INT, 4),
          ProgramType.of(info.get(JAVA_INT, 0)),
          info.getString(64),
          HexFormat.of().formatHex(info.asSlice(8, 8).toArray(JAVA_BYTE)),
          info.get(JAVA_INT, 20),
          info.get(JAVA_INT, 16),
          Duration.ofNanos(info.get(JAVA_LONG, 192)),
          info.get(JAVA_LONG, 200),
          known >= 220 ? OptionalInt.of(info.get(JAVA_INT, 216)) : OptionalInt.empty(),
          mapIds);
    }
  }
}
