// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

/**
 * Where in a hook's list a program goes. With an expected revision the kernel refuses (ESTALE) if
 * the list has changed since {@link TcxPrograms#revision}.
 */
public record TcxPosition(int flags, int relative, long expectedRevision) {
  private static final int BPF_F_BEFORE = 1 << 3;
  private static final int BPF_F_AFTER = 1 << 4;
  private static final int BPF_F_ID = 1 << 5;

  public static TcxPosition last() {
    return new TcxPosition(BPF_F_AFTER, 0, 0);
  }

  public static TcxPosition first() {
    return new TcxPosition(BPF_F_BEFORE, 0, 0);
  }

  public static TcxPosition beforeProgram(int programId) {
    return new TcxPosition(BPF_F_BEFORE | BPF_F_ID, programId, 0);
  }

  public static TcxPosition afterProgram(int programId) {
    return new TcxPosition(BPF_F_AFTER | BPF_F_ID, programId, 0);
  }

  public TcxPosition ifRevision(long revision) {
    return new TcxPosition(flags, relative, revision);
  }
}
