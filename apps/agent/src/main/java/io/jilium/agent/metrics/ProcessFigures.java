// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the kernel says about this process.
 *
 * @param cpuSeconds user and system
 */
public record ProcessFigures(
    double cpuSeconds, long residentBytes, long virtualBytes, long openDescriptors, long threads) {
  private static final Path PROC = Path.of("/proc/self");

  /** Ticks a second in /proc, fixed in the kernel's ABI. */
  private static final double TICKS = 100;

  /** Fields of /proc/self/stat that follow the command's name, counted from the state. */
  private static final int UTIME = 11;

  private static final int STIME = 12;
  private static final int THREADS = 17;

  private static final int PAGE = 4096;

  /** Reads them now; what cannot be read is 0. */
  public static ProcessFigures read() {
    try (Stream<Path> descriptors = Files.list(PROC.resolve("fd"))) {
      String stat = Files.readString(PROC.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      String[] pages = Files.readString(PROC.resolve("statm")).split(" ", -1);
      return new ProcessFigures(
          (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS,
          Long.parseLong(pages[1]) * PAGE,
          Long.parseLong(pages[0]) * PAGE,
          descriptors.count(),
          Long.parseLong(fields[THREADS]));
    } catch (IOException e) {
      return new ProcessFigures(0, 0, 0, 0, 0);
    }
  }
}
