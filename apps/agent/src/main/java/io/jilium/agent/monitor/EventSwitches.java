// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

/** What the programs in the kernel are asked to tell. */
public interface EventSwitches {
  /** Whether every step of a packet's handling is told. */
  void debug(boolean on);

  /** Whether every packet is told, or, as the settings say, only what is new of its connection. */
  void everyPacket(boolean on);

  /** Events that did not fit into the ring since the maps were made. */
  long lost();
}
