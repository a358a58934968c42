// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Fd;
import java.util.OptionalInt;

/**
 * What tc does for kernels without tcx; implemented over rtnetlink by whoever joins both packages.
 * An implementation owns one filter per device and hook, at a preference and handle of its own, and
 * leaves other filters alone.
 */
public interface Clsact {
  /**
   * {@code tc qdisc add dev DEV clsact} if missing, then {@code tc filter replace dev DEV
   * ingress|egress pref P handle H bpf direct-action}.
   */
  void replace(int ifindex, TcHook hook, Fd program, String name);

  /** {@code tc filter del}; false if there was none, or the device has gone. */
  boolean remove(int ifindex, TcHook hook);

  /** The program of our filter, empty if there is none. */
  OptionalInt programId(int ifindex, TcHook hook);
}
