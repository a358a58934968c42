// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/** A program on a device's tcx hook, in a list with those of others (kernel 6.6). */
public final class TcxLink implements Link, TcAttachment {
  private final LinkHandle handle;

  TcxLink(LinkHandle handle) {
    this.handle = handle;
  }

  /** Attaches behind the programs that are there. */
  public static TcxLink attach(int ifindex, TcHook hook, Program program) {
    return attach(ifindex, hook, program, TcxPosition.last());
  }

  /** Attaches at a place in the list. The device is of the thread's network namespace. */
  public static TcxLink attach(int ifindex, TcHook hook, Program program, TcxPosition position) {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 12, position.flags());
      attributes.set(JAVA_INT, 16, position.relative());
      attributes.set(JAVA_LONG, 24, position.expectedRevision());
      return new TcxLink(
          LinkHandle.create(
              attributes,
              program,
              ifindex,
              hook.attachType(),
              "tcx " + hook + " of ifindex " + ifindex));
    }
  }

  /** What is attached there, by anybody, in running order; {@code bpftool net show}. */
  public static TcxPrograms query(int ifindex, TcHook hook) {
    return TcxPrograms.query(ifindex, hook);
  }

  @Override
  public Kind kind() {
    return Kind.TCX;
  }

  @Override
  public int programId() {
    return handle.info().programId();
  }

  @Override
  public LinkInfo info() {
    return handle.info();
  }

  @Override
  public void update(Program replacement) {
    handle.update(replacement);
  }

  @Override
  public void pin(Path path) {
    handle.pin(path);
  }

  @Override
  public void detach() {
    handle.detach();
  }

  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    return handle.toString();
  }
}
