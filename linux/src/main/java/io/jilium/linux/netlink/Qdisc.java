// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

/**
 * A queueing discipline on a device.
 *
 * @param kind the kernel's word: {@code clsact}, {@code noqueue}, {@code fq}, …
 */
public record Qdisc(int device, String kind, int handle, int parent) {}
