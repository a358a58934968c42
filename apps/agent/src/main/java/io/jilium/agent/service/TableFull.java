// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.datapath.DatapathMap;

/** A table of services has no room left; the message names it and the setting to raise. */
public final class TableFull extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final DatapathMap map;

  TableFull(DatapathMap map, int capacity) {
    super(
        "the %s table is full with %d entries; raise %s"
            .formatted(map.mapName(), capacity, map.setting()));
    this.map = map;
  }

  /** The map that is full. */
  DatapathMap map() {
    return map;
  }
}
