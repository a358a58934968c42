// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.test.kit.Checksums;
import java.util.Arrays;
import java.util.List;

/** Puts a datagram together that went through a program in fragments. */
final class Reassembly {
  private Reassembly() {}

  /**
   * Wrong checksums of the whole datagram.
   *
   * @param header Ethernet and IP header of the first fragment
   * @param datagram the UDP header and all payload
   */
  static List<String> faults(Ip ip, byte[] header, byte[] datagram) {
    byte[] frame = Arrays.copyOf(header, header.length + datagram.length);
    System.arraycopy(datagram, 0, frame, header.length, datagram.length);
    if (ip.isV4()) {
      put16(frame, 16, 20 + datagram.length);
      frame[20] = 0;
      frame[21] = 0;
      put16(frame, 24, 0);
      put16(frame, 24, headerChecksum(frame));
    } else {
      put16(frame, 18, datagram.length);
      frame[20] = 17;
    }
    return Checksums.faults(frame);
  }

  private static int headerChecksum(byte[] frame) {
    int sum = 0;
    for (int i = 14; i < 34; i += 2) {
      sum += (frame[i] & 0xFF) << 8 | (frame[i + 1] & 0xFF);
    }
    sum = (sum & 0xFFFF) + (sum >>> 16);
    return ~(sum + (sum >>> 16)) & 0xFFFF;
  }

  private static void put16(byte[] data, int at, int value) {
    data[at] = (byte) (value >> 8);
    data[at + 1] = (byte) value;
  }
}
