// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.lang.foreign.MemorySegment;

/** A program of an object file that is not loaded yet. */
public final class ProgramDeclaration {
  private final BpfObject object;
  private final MemorySegment program;

  ProgramDeclaration(BpfObject object, MemorySegment program) {
    this.object = object;
    this.program = program;
  }

  public String name() {
    object.ensureOpen();
    return Libbpf.programName(program);
  }

  /** The ELF section, such as {@code tc/ingress}; libbpf derives the type from it. */
  public String section() {
    object.ensureOpen();
    return Libbpf.programSection(program);
  }

  public ProgramDeclaration type(ProgramType type) {
    object.ensureOpen();
    Libbpf.setProgramType(program, type.number());
    return this;
  }

  public ProgramDeclaration attachType(AttachType type) {
    object.ensureOpen();
    Libbpf.setAttachType(program, type.number());
    return this;
  }

  /** Whether load loads it; by default it does. */
  public ProgramDeclaration autoload(boolean autoload) {
    object.ensureOpen();
    Libbpf.setAutoload(program, autoload);
    return this;
  }
}
