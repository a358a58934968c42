// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;

/** Flow entries for tests. */
final class Flows {
  static final int TCP = 6;
  static final int UDP = 17;
  static final IpAddress NONE = IpAddress.v6(0, 0);

  private Flows() {}

  static FlowKey key(String source, int sourcePort, String destination, int port, int ifindex) {
    return new FlowKey(
        IpAddress.parse(source), IpAddress.parse(destination), sourcePort, port, ifindex, TCP);
  }

  static FlowKey udp(FlowKey key) {
    return new FlowKey(
        key.source(),
        key.destination(),
        key.sourcePort(),
        key.destinationPort(),
        key.ifindex(),
        UDP);
  }

  static FlowEntry entry(int seen, int tcpFlags, FlowFlag... flags) {
    return entry(seen, tcpFlags, FlowAction.NODE, 0, NONE, 0, flags);
  }

  static FlowEntry entry(
      int seen,
      int tcpFlags,
      FlowAction action,
      int ifindex,
      IpAddress nat,
      int natPort,
      FlowFlag... flags) {
    int bits = 0;
    for (var flag : flags) {
      bits |= flag.number();
    }
    return new FlowEntry(
        1,
        60,
        1,
        seen,
        seen,
        seen,
        seen,
        new NumericIdentity(300),
        new NumericIdentity(301),
        0,
        ifindex,
        7,
        8,
        action,
        tcpFlags,
        bits,
        new MacAddress(0x020000000001L),
        new MacAddress(0x020000000002L),
        1450,
        FlowOrigin.POD,
        natPort,
        natPort,
        nat,
        nat,
        IpAddress.v4(0x0a000001),
        IpAddress.v4(0x0a000002),
        0,
        0);
  }
}
