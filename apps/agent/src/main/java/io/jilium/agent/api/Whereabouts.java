// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.state.AgentState;
import io.jilium.agent.state.DeviceStatus;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.datapath.Event;
import io.jilium.datapath.EventFlag;
import io.jilium.wire.agent.EventType;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Names of the node's devices, and whose packet an early event is about; for the thread that reads
 * events.
 */
final class Whereabouts {
  private static final long STALE = Duration.ofSeconds(1).toNanos();
  private static final int ETHERNET = 14;
  private static final int IPV4_DESTINATION = 16;
  private static final int IPV6_DESTINATION = 24;

  private final AgentState state;
  private volatile Known known = new Known(Map.of(), Map.of(), Map.of(), System.nanoTime() - STALE);

  private record Known(
      Map<Integer, String> devices,
      Map<Integer, Integer> endpointsByDevice,
      Map<IpAddress, Integer> endpointsByAddress,
      long read) {}

  Whereabouts(AgentState state) {
    this.state = state;
  }

  /** The name of a device, or the empty string. */
  String device(int ifindex) {
    return known().devices().getOrDefault(ifindex, "");
  }

  /**
   * The endpoint that an event is about. Steps before a decision do not know it: then it is the one
   * whose device the packet came in by, or the one that the packet is for.
   */
  int endpoint(Event event) {
    if (event.endpoint() != 0 || event.type() != EventType.EVENT_DEBUG_VALUE) {
      return event.endpoint();
    }
    Integer sender = known().endpointsByDevice().get(event.ifindex());
    return sender != null ? sender : receiver(event);
  }

  private int receiver(Event event) {
    boolean v6 = event.has(EventFlag.IPV6);
    int at = (event.has(EventFlag.L3) ? 0 : ETHERNET) + (v6 ? IPV6_DESTINATION : IPV4_DESTINATION);
    var bytes = new byte[v6 ? 16 : 4];
    if (event.capturedLength() < at + bytes.length) {
      return 0;
    }
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) event.packetByte(at + i);
    }
    return known().endpointsByAddress().getOrDefault(IpAddress.ofBytes(bytes), 0);
  }

  private Known known() {
    Known now = known;
    if (System.nanoTime() - now.read() >= STALE) {
      now = read();
      known = now;
    }
    return now;
  }

  private Known read() {
    var devices = new HashMap<Integer, String>();
    var byDevice = new HashMap<Integer, Integer>();
    var byAddress = new HashMap<IpAddress, Integer>();
    for (DeviceStatus device : state.devices()) {
      devices.put(device.ifindex(), device.name());
    }
    for (Endpoint endpoint : state.endpoints()) {
      devices.putIfAbsent(endpoint.interfaceIndex(), endpoint.interfaceName());
      if (endpoint.interfaceIndex() != 0) {
        byDevice.put(endpoint.interfaceIndex(), endpoint.id());
      }
      endpoint.addresses().forEach(address -> byAddress.put(address, endpoint.id()));
    }
    devices.remove(0);
    return new Known(devices, byDevice, byAddress, System.nanoTime());
  }
}
