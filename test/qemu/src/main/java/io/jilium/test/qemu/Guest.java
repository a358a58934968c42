// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import io.jilium.datapath.Datapath;
import io.jilium.linux.ebpf.KernelFeature;
import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that a virtual machine runs: tries every program and every kind of traffic with the
 * kernel that is there, and reports. It makes devices and mounts and does not clean up, because
 * nothing of the machine remains.
 */
public final class Guest {
  static final Path BPFFS = Path.of("/sys/fs/bpf");

  /** Nothing that is tried here takes as long, even where the machine emulates and is busy. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private Guest() {}

  /** Arguments: where to report; the directories with compiled kernel tests. */
  public static void main(String[] arguments) throws IOException {
    try (var out =
        new PrintStream(new FileOutputStream(arguments[0]), false, StandardCharsets.UTF_8)) {
      var report = new Report(out);
      Thread.ofPlatform().name("patience").daemon().start(() -> watch(report));
      report.line(Report.Word.KERNEL, release(), uptime());
      Mounts.ensureBpffs(BPFFS);
      Mounts.ensureCgroup2(Path.of("/sys/fs/cgroup"));
      features(report);
      if (report.check("every program loads", () -> load(report))) {
        Traffic.between(report);
      }
      KernelTests.run(
          report,
          Arrays.stream(arguments).skip(1).map(Path::of).filter(Files::isDirectory).toList());
      report.line(Report.Word.END, uptime());
    }
  }

  /** What hangs is shown where it hangs, and ends the machine. */
  private static void watch(Report report) {
    while (report.silence().compareTo(PATIENCE) < 0) {
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
    Thread.getAllStackTraces()
        .forEach((thread, frames) -> {
          System.err.println(thread);
          Arrays.stream(frames).forEach(frame -> System.err.println("\tat " + frame));
        });
    report.line(Report.Word.FAIL, "progress", PATIENCE.toMillis(), "hangs; see the console");
    Runtime.getRuntime().halt(1);
  }

  private static void features(Report report) {
    var features = KernelFeatures.probe();
    for (var feature : KernelFeature.values()) {
      report.line(
          Report.Word.FEATURE,
          feature,
          feature.description(),
          features.has(feature) ? "present" : "absent");
    }
  }

  /** Loads the programs in a namespace of its own, and tells what they cost. */
  static void load(Report report) {
    try (var netns = Netns.createUnnamed()) {
      netns.execute(() -> {
        var directory = BPFFS.resolve("jilium-costs");
        try (var netlink = NetlinkSocket.open()) {
          try (var datapath = Datapath.load(directory, Node.anyConfig(), netlink)) {
            for (var program : datapath.programs()) {
              report.line(
                  Report.Word.PROGRAM,
                  program.program(),
                  program.verifiedInstructions().orElse(0),
                  program.nativeBytes());
            }
          }
          Datapath.remove(directory, netlink);
        }
      });
    }
  }

  static String release() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
  }

  private static String uptime() throws IOException {
    return Files.readString(Path.of("/proc/uptime")).split(" ", -1)[0];
  }
}
