// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;

/** A map has no room for another key. */
public final class MapFullException extends LinuxException {
  private static final long serialVersionUID = 1L;

  private final String map;
  private final int capacity;

  MapFullException(String map, int capacity, Errno errno) {
    super("add to map " + map, errno, "full, its capacity is " + capacity + " entries");
    this.map = map;
    this.capacity = capacity;
  }

  public String map() {
    return map;
  }

  public int capacity() {
    return capacity;
  }
}
