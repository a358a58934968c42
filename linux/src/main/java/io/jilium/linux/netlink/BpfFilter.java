// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

/**
 * A cls_bpf filter in direct-action mode on a device's clsact.
 *
 * @param priority lower runs first, 1 to 65535
 * @param handle tells filters of one priority apart
 * @param name shown by {@code tc filter show}; by it one knows one's own
 * @param programId number of the eBPF program in the kernel
 */
public record BpfFilter(
    int device, Direction direction, int priority, int handle, String name, int programId) {
  /** On the way in or out of the device, seen from the device's namespace. */
  public enum Direction {
    INGRESS(0xfffffff2),
    EGRESS(0xfffffff3);

    private final int parent;

    Direction(int parent) {
      this.parent = parent;
    }

    int parent() {
      return parent;
    }
  }
}
