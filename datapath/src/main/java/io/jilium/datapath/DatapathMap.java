// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Arrays;
import java.util.Optional;

/** The maps that programs and Java share: their names in the objects, and who sets their size. */
public enum DatapathMap {
  FLOWS("flows", "bpf.ctTcpMax, bpf.ctAnyMax or bpf.mapDynamicSizeRatio"),
  ENDPOINTS("endpoints", "jilium.endpointMax"),
  IPCACHE("ipcache", "jilium.ipcacheMax"),
  DEVICES("devices", ""),
  RUNTIME("runtime", ""),
  SERVICE_CHANGES("service_changes", ""),
  FRAGMENTS("fragments", "jilium.fragmentMax"),
  METRICS("metrics", ""),
  COUNTERS("counters", ""),
  EVENTS("events", ""),
  FRONTENDS("frontends", "bpf.lbMapMax"),
  BACKENDS("backends", "bpf.lbMapMax"),
  BACKEND_SLOTS("backend_slots", "bpf.lbMapMax"),
  MAGLEV("maglev", "bpf.lbMapMax"),
  MEMBERS("members", "bpf.lbMapMax"),
  AFFINITY("affinity", "bpf.lbMapMax"),
  SOURCE_RANGES("source_ranges", "bpf.lbMapMax"),
  NODE_ADDRESSES("node_addresses", "bpf.lbMapMax"),
  SOCKET_FLOWS("socket_flows", "bpf.lbMapMax"),
  SOCKET_PEERS("socket_peers", "");

  /**
   * Part of every pin's name. Raise it whenever a struct of {@code abi/*.h} that a map holds, or
   * the meaning of a member, changes.
   */
  public static final int LAYOUT_VERSION = 2;

  private final String mapName;
  private final String setting;

  DatapathMap(String mapName, String setting) {
    this.mapName = mapName;
    this.setting = setting;
  }

  /** The name of the map in the objects. */
  public String mapName() {
    return mapName;
  }

  /** The setting that makes it larger; empty when its size is fixed. */
  public String setting() {
    return setting;
  }

  /** Whether it can become larger while it is in use; only the agent adds to such a map. */
  public boolean grows() {
    return switch (this) {
      case FRONTENDS, BACKENDS, BACKEND_SLOTS, MAGLEV, MEMBERS, SOURCE_RANGES, NODE_ADDRESSES ->
          true;
      default -> false;
    };
  }

  /** The map with this name. */
  static Optional<DatapathMap> named(String name) {
    return Arrays.stream(values()).filter(map -> map.mapName.equals(name)).findFirst();
  }

  /** The file name of its pin. */
  public String pinName() {
    return mapName + "_v" + LAYOUT_VERSION;
  }
}
