// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A TCP header of at least 20 bytes; its options may be cut off. */
final class TcpHeader {
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int PSH = 8;
  private static final int ACK = 16;
  private static final int URG = 32;
  private static final int ECE = 64;
  private static final int CWR = 128;

  private final byte[] bytes;

  TcpHeader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The flags that say what the packet does to its connection. */
  String flags() {
    var names = new ArrayList<String>();
    name(names, SYN, "SYN");
    name(names, ACK, "ACK");
    name(names, RST, "RST");
    name(names, FIN, "FIN");
    return String.join(", ", names);
  }

  String fields() {
    return ("SrcPort=%s DstPort=%s Seq=%s Ack=%s DataOffset=%d FIN=%b SYN=%b RST=%b PSH=%b ACK=%b URG=%b"
            + " ECE=%b CWR=%b NS=%b Window=%d Checksum=%d Urgent=%d Options=%s Padding=[]"
            + " Multipath=false")
        .formatted(
            Names.port(u16(0)),
            Names.port(u16(2)),
            Integer.toUnsignedString(u32(4)),
            Integer.toUnsignedString(u32(8)),
            u8(12) >> 4,
            has(FIN),
            has(SYN),
            has(RST),
            has(PSH),
            has(ACK),
            has(URG),
            has(ECE),
            has(CWR),
            (u8(12) & 1) != 0,
            u16(14),
            u16(16),
            u16(18),
            options());
  }

  private String options() {
    var options = new ArrayList<String>();
    int at = 20;
    while (at < bytes.length) {
      int kind = u8(at);
      if (kind < 2) {
        options.add("TCPOption(" + (kind == 0 ? "EndList" : "NOP") + ":)");
        at++;
        if (kind == 0) {
          break;
        }
        continue;
      }
      if (at + 1 >= bytes.length || u8(at + 1) < 2 || at + u8(at + 1) > bytes.length) {
        break;
      }
      options.add(option(kind, at + 2, u8(at + 1) - 2));
      at += u8(at + 1);
    }
    return options.size() > 4
        ? "[.." + options.size() + "..]"
        : "[" + String.join(", ", options) + "]";
  }

  private String option(int kind, int from, int length) {
    String name =
        switch (kind) {
          case 2 -> "MSS";
          case 3 -> "WindowScale";
          case 4 -> "SACKPermitted";
          case 5 -> "SACK";
          case 8 -> "Timestamps";
          default -> "kind " + kind;
        };
    if (length == 0) {
      return "TCPOption(" + name + ":)";
    }
    String value =
        switch (kind) {
          case 2 -> length == 2 ? u16(from) + " " : "";
          case 3 -> length == 1 ? u8(from) + " " : "";
          case 8 ->
              length == 8
                  ? Integer.toUnsignedString(u32(from))
                      + "/"
                      + Integer.toUnsignedString(u32(from + 4))
                      + " "
                  : "";
          default -> "";
        };
    String hex = HexFormat.of().formatHex(bytes, from, from + length);
    return "TCPOption(" + name + ":" + value + "0x" + hex + ")";
  }

  private void name(List<String> names, int flag, String name) {
    if (has(flag)) {
      names.add(name);
    }
  }

  private boolean has(int flag) {
    return (u8(13) & flag) != 0;
  }

  private int u8(int offset) {
    return bytes[offset] & 0xff;
  }

  private int u16(int offset) {
    return u8(offset) << 8 | u8(offset + 1);
  }

  private int u32(int offset) {
    return u16(offset) << 16 | u16(offset + 2);
  }
}
