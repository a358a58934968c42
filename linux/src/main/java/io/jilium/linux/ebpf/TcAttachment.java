// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

/** A tc program on a device: a tcx link where the kernel has it, else a clsact filter. */
public sealed interface TcAttachment extends AutoCloseable permits TcxLink, ClsactAttachment {
  /** How it is attached, for status. */
  enum Kind {
    TCX,
    CLSACT
  }

  Kind kind();

  /** The program that runs now. */
  int programId();

  /** Puts another program in its place atomically. */
  void update(Program replacement);

  /** Takes it away for good, pin and all that holds it notwithstanding. */
  void detach();

  /** Releases the handle. What is pinned, and any clsact filter, stays attached. */
  @Override
  void close();
}
