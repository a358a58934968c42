// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

/** What not every supported kernel (5.10 and later) has, and the version that brought it. */
public enum KernelFeature {
  RING_BUFFER("eBPF ring buffer", 5, 8),
  MAP_BATCH("batch operations on maps", 5, 6),
  REDIRECT_NEIGH("bpf_redirect_neigh", 5, 10),
  REDIRECT_PEER("bpf_redirect_peer", 5, 10),
  CHECK_MTU("bpf_check_mtu", 5, 12),
  HASH_LOOKUP_AND_DELETE("look-up with deletion in hash maps", 5, 14),
  NETNS_COOKIE("SO_NETNS_COOKIE", 5, 14),
  TIMER("bpf_timer_init", 5, 15),
  VERIFIED_INSTRUCTIONS("count of verified instructions", 5, 16),
  LOOP("bpf_loop", 5, 17),
  SET_RETVAL("bpf_set_retval", 5, 18),
  TCX("tcx (tc programs as links)", 6, 6);

  private final String description;
  private final int major;
  private final int minor;

  KernelFeature(String description, int major, int minor) {
    this.description = description;
    this.major = major;
    this.minor = minor;
  }

  public String description() {
    return description;
  }

  /** The upstream version; distributions may have it earlier, which is why it is probed. */
  public KernelVersion minimum() {
    return new KernelVersion(major, minor);
  }
}
