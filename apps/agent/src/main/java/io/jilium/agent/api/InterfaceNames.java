// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.state.AgentState;
import io.jilium.agent.state.DeviceStatus;
import io.jilium.core.model.Endpoint;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** Names of the node's devices by their index, for the thread that reads events. */
final class InterfaceNames implements IntFunction<String> {
  /** An index that is not known is not looked for again at once. */
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final AgentState state;
  private volatile Map<Integer, String> names = Map.of();
  private volatile long read;

  InterfaceNames(AgentState state) {
    this.state = state;
  }

  @Override
  public String apply(int ifindex) {
    String name = names.get(ifindex);
    if (name == null && (names.isEmpty() || System.nanoTime() - read > PAUSE)) {
      names = readNames();
      read = System.nanoTime();
      name = names.get(ifindex);
    }
    return name == null ? "" : name;
  }

  private Map<Integer, String> readNames() {
    var found = new HashMap<Integer, String>();
    for (DeviceStatus device : state.devices()) {
      found.put(device.ifindex(), device.name());
    }
    for (Endpoint endpoint : state.endpoints()) {
      found.put(endpoint.interfaceIndex(), endpoint.interfaceName());
    }
    return found;
  }
}
