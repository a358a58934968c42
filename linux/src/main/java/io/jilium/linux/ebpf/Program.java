// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The owner of one loaded program. The program itself lives as long as a link, a pin, a filter or a
 * descriptor refers to it.
 */
public final class Program implements AutoCloseable {
  private final Fd fd;

  Program(Fd fd) {
    this.fd = fd;
  }

  /** The program pinned at a path of a bpffs. */
  public static Program open(Path pin) {
    return new Program(Bpf.openPin(pin));
  }

  /** As {@link #open}, empty if nothing is pinned there. */
  public static Optional<Program> find(Path pin) {
    return Files.exists(pin) ? Optional.of(open(pin)) : Optional.empty();
  }

  public static Program ofId(int id) {
    return new Program(Bpf.openById(Bpf.PROG_GET_FD_BY_ID, id, "program"));
  }

  public Fd fd() {
    return fd;
  }

  public ProgramInfo info() {
    return ProgramInfo.of(fd);
  }

  public void pin(Path path) {
    Bpf.pin(fd, path);
  }

  /** Takes a pin away; false if there was none. */
  public static boolean unpin(Path path) {
    return Bpf.unpin(path);
  }

  /** Runs the program once or often on a packet of the caller's, without a device. */
  public TestRun.Result testRun(TestRun input) {
    return input.run(fd);
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "program " + fd.description();
  }
}
