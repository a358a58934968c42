// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A machine of qemu's that sees this machine's files, read-only, and runs one command with another
 * kernel. Its first serial port is the console, its second one is {@link #REPORT}.
 */
final class VirtualMachine {
  /** Where the command writes what {@link Outcome#report} returns. */
  static final String REPORT = "/dev/ttyS1";

  private static final List<String> MODULES =
      List.of(
          "virtio_pci",
          "9pnet_virtio",
          "9p",
          "veth",
          "vxlan",
          "dummy",
          "bridge",
          "cls_bpf",
          "sch_ingress",
          "af_packet_diag",
          "udp_diag");
  private static final int MEGABYTES = 1024;

  /** Instructions that emulation is slow at are left out; the random numbers spare a wait. */
  private static final String EMULATED_CPU = "Nehalem,+rdrand";

  /** A machine that gets few turns on a busy host looks to its kernel as if its timer stood. */
  private static final String PARAMETERS =
      "console=ttyS0 loglevel=5 panic=-1 random.trust_cpu=on nokaslr mitigations=off"
          + " no_timer_check nowatchdog rcupdate.rcu_cpu_stall_suppress=1";

  private final DebianKernel kernel;
  private final byte[] busybox;
  private final Path directory;

  /** The directory takes console and report, for reading after a failure. */
  VirtualMachine(DebianKernel kernel, byte[] busybox, Path directory) {
    this.kernel = kernel;
    this.busybox = busybox;
    this.directory = directory;
  }

  /**
   * What a run left.
   *
   * @param finished the machine went off by itself before the deadline
   */
  record Outcome(boolean finished, List<String> report, List<String> console) {
    Outcome {
      report = List.copyOf(report);
      console = List.copyOf(console);
    }

    /** Complaints of the kernel: a warning with a trace is a bug, ours or its own. */
    List<String> complaints() {
      return console.stream()
          .filter(line ->
              line.contains("WARNING:")
                  || line.contains("BUG:")
                  || line.contains("Oops")
                  || line.contains("Kernel panic"))
          .toList();
    }

    String tail() {
      int from = Math.max(0, console.size() - 40);
      return String.join("\n", console.subList(from, console.size()));
    }
  }

  /** Boots, runs the command by {@code /bin/sh}, and waits until the machine is off. */
  Outcome run(String command, Duration deadline) {
    try {
      Files.createDirectories(directory);
      var ramdisk = directory.resolve("initrd");
      Files.write(ramdisk, ramdisk(command));
      var console = directory.resolve("console.log");
      var report = directory.resolve("report.log");
      Files.deleteIfExists(report);
      var process =
          new ProcessBuilder(commandLine(ramdisk, console, report))
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("qemu.log").toFile())
              .start();
      boolean finished;
      try {
        finished = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        process.destroyForcibly();
      }
      return new Outcome(finished && process.exitValue() == 0, lines(report), lines(console));
    } catch (IOException e) {
      throw new UncheckedIOException("run a virtual machine in " + directory, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a virtual machine ran", e);
    }
  }

  private static List<String> lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
        .lines()
        .map(String::stripTrailing)
        .toList();
  }

  private List<String> commandLine(Path ramdisk, Path console, Path report) {
    var accelerator = System.getProperty("jilium.qemu.accelerator", "tcg");
    return List.of(
        "qemu-system-x86_64",
        "-accel",
        accelerator,
        "-cpu",
        accelerator.equals("tcg") ? EMULATED_CPU : "host",
        "-smp",
        "1",
        "-m",
        MEGABYTES + "M",
        "-nodefaults",
        "-no-reboot",
        "-display",
        "none",
        "-serial",
        "file:" + console,
        "-serial",
        "file:" + report,
        "-virtfs",
        "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
        "-kernel",
        kernel.image().toString(),
        "-initrd",
        ramdisk.toString(),
        "-append",
        PARAMETERS);
  }

  private byte[] ramdisk(String command) throws IOException {
    var ramdisk = new InitialRamdisk();
    List.of("bin", "modules", "proc", "dev", "host").forEach(ramdisk::directory);
    ramdisk.file("bin/busybox", busybox);
    var modules = kernel.modules(MODULES);
    modules.forEach((name, content) -> ramdisk.file("modules/" + name + ".ko", content));
    ramdisk.file("modules/order", String.join("\n", modules.keySet()) + "\n");
    ramdisk.file("command", command);
    try (var init = VirtualMachine.class.getResourceAsStream("init")) {
      ramdisk.file("init", Objects.requireNonNull(init, "init").readAllBytes());
    }
    return ramdisk.finish();
  }
}
