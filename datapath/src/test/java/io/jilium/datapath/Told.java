// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.datapath.DatapathConfig.Dispatch;
import io.jilium.test.kit.PacketBuilder;
import java.nio.ByteBuffer;

/**
 * How a node says in a packet which service the client asked for.
 *
 * @param node its address
 */
record Told(Dispatch dispatch, String node) {
  /** Adds it to Ethernet and IP. */
  PacketBuilder service(PacketBuilder packet, String service, int port) {
    byte[] address = Ip.address(service).bytes();
    boolean v4 = address.length == 4;
    var option = ByteBuffer.allocate(v4 ? 8 : 22);
    if (v4) {
      option.put((byte) 0x9a).put((byte) 8).putShort((short) port).put(address);
      packet.ipv4Options(option.array());
    } else {
      option.put((byte) 0x1b).put((byte) 18).put(address).putShort((short) port).put((byte) 1);
      packet.destinationOptions(option.array());
    }
    return dispatch == Dispatch.OPTION ? packet : packet.inAnother(node);
  }

  /** Bytes by which a packet grows. */
  static int room(Dispatch dispatch, Ip ip) {
    int header = ip.isV4() ? 20 : 40;
    return (ip.isV4() ? 8 : 24) + (dispatch == Dispatch.OPTION ? 0 : header);
  }
}
