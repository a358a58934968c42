// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

/** Bits of enum event_flag in abi/event.h. */
final class EventFlags {
  static final int IPV6 = 1;
  static final int L3 = 1 << 1;
  static final int ENCAPSULATED = 1 << 2;

  private EventFlags() {}
}
