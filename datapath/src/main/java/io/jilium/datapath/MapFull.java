// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.MapFullException;
import io.jilium.linux.sys.LinuxException;

/** A datapath table has no room left; the message names the table and the setting to raise. */
public final class MapFull extends LinuxException {
  private static final long serialVersionUID = 1L;

  private final DatapathMap map;
  private final int capacity;

  MapFull(DatapathMap map, MapFullException cause) {
    super(
        "add to the " + map.mapName() + " table",
        cause.errno(),
        "it is full with " + cause.capacity() + " entries" + advice(map));
    initCause(cause);
    this.map = map;
    this.capacity = cause.capacity();
  }

  private static String advice(DatapathMap map) {
    return map.setting().isEmpty() ? "; its size is fixed" : "; raise " + map.setting();
  }

  /** The map that is full. */
  public DatapathMap map() {
    return map;
  }

  /** The most entries it holds. */
  public int capacity() {
    return capacity;
  }
}
