// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.util.Arrays;

/** Kinds of programs in use: {@code enum bpf_prog_type} of linux/bpf.h. */
public enum ProgramType {
  SOCKET_FILTER(1),
  SCHED_CLS(3),
  SCHED_ACT(4),
  XDP(6),
  CGROUP_SKB(8),
  CGROUP_SOCK(9),
  SOCK_OPS(13),
  CGROUP_SOCK_ADDR(18),
  CGROUP_SOCKOPT(25),
  SK_LOOKUP(30),
  /** Any that this program does not load itself. */
  OTHER(0);

  private final int number;

  ProgramType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static ProgramType of(int number) {
    return Arrays.stream(values()).filter(t -> t.number == number).findFirst().orElse(OTHER);
  }
}
