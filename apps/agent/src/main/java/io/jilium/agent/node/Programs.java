// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.datapath.DeviceMap;
import io.jilium.datapath.EndpointMap;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.IpcacheMap;
import io.jilium.datapath.RuntimeMap;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The programs and maps of the node in the kernel, as reconciliation needs them. They stay when the
 * agent ends.
 */
public interface Programs extends AutoCloseable {
  /** What a device gets. */
  enum Place {
    /** The device towards other nodes and the world: {@code from_netdev}, {@code to_netdev}. */
    UNDERLAY,
    /** cilium_host: {@code from_host}. */
    HOST,
    /** cilium_vxlan: {@code from_overlay}. */
    OVERLAY,
    /** A pod's device: {@code from_pod}. */
    POD
  }

  /**
   * Loads the programs and replaces those of earlier settings wherever they are attached; false if
   * these are loaded already.
   */
  boolean load(ProgramSettings settings);

  /** Attaches what the place needs; false if all of it was there. Any thread. */
  boolean attach(String device, int ifindex, Place place);

  boolean isAttached(String device, int ifindex, Place place);

  /**
   * Gives an underlay device the program that sees packets before the stack does, or takes it away,
   * as the settings say: why it cannot have it, in one sentence, or empty.
   */
  Optional<String> accelerate(String device, int ifindex);

  /** What could not be attached, one sentence each. Any thread. */
  List<String> problems();

  /**
   * Takes everything of a device away, also when the device is gone; false if there was nothing.
   * Any thread.
   */
  boolean detach(String device);

  /** Takes everything away from devices that are not named; returns what went. */
  List<String> retain(Set<String> devices);

  /** Devices that have a link here, those that are gone included. */
  Set<String> attachedDevices();

  /** What is on a device, such as {@code from_netdev (tcx ingress)}. */
  List<String> hooks(String device);

  /** How programs are attached; empty before they are. */
  String attachMode();

  /** The epoch of decisions; 0 before programs are loaded. Any thread. */
  int epoch();

  /** Flows that services decide by these decide anew. */
  void servicesChanged(Collection<FrontendKey> changed);

  /** Loads the programs anew, if they are, with the maps that are pinned now. */
  void reload();

  /** Everything is attached and filled: what is left of older layouts may go. */
  void settle();

  /** Whether the endpoint map says that the address is behind this device. Any thread. */
  boolean has(IpAddress address, int ifindex);

  EndpointMap endpoints();

  IpcacheMap ipcache();

  DeviceMap devices();

  RuntimeMap runtime();

  @Override
  void close();
}
