// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

/** Kinds of maps: {@code enum bpf_map_type} of linux/bpf.h, in its order. */
public enum MapType {
  UNSPEC,
  HASH,
  ARRAY,
  PROG_ARRAY,
  PERF_EVENT_ARRAY,
  PERCPU_HASH,
  PERCPU_ARRAY,
  STACK_TRACE,
  CGROUP_ARRAY,
  LRU_HASH,
  LRU_PERCPU_HASH,
  LPM_TRIE,
  ARRAY_OF_MAPS,
  HASH_OF_MAPS,
  DEVMAP,
  SOCKMAP,
  CPUMAP,
  XSKMAP,
  SOCKHASH,
  CGROUP_STORAGE,
  REUSEPORT_SOCKARRAY,
  PERCPU_CGROUP_STORAGE,
  QUEUE,
  STACK,
  SK_STORAGE,
  DEVMAP_HASH,
  STRUCT_OPS,
  RINGBUF,
  INODE_STORAGE,
  TASK_STORAGE,
  BLOOM_FILTER,
  USER_RINGBUF,
  CGRP_STORAGE,
  ARENA,
  INSN_ARRAY;

  private static final MapType[] VALUES = values();

  @SuppressWarnings("EnumOrdinal") // the kernel only ever appends to its enum
  int number() {
    return ordinal();
  }

  /** Whether user space sees one value per possible CPU. */
  public boolean isPerCpu() {
    return this == PERCPU_HASH
        || this == PERCPU_ARRAY
        || this == LRU_PERCPU_HASH
        || this == PERCPU_CGROUP_STORAGE;
  }

  public boolean isArray() {
    return this == ARRAY || this == PERCPU_ARRAY || this == ARRAY_OF_MAPS;
  }

  static MapType of(int number) {
    if (number < 0 || number >= VALUES.length) {
      throw new IllegalArgumentException("map type " + number + " is newer than this program");
    }
    return VALUES[number];
  }
}
