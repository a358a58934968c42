// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import java.util.HexFormat;

/** Bytes in hexadecimal, sixteen a line. */
final class HexDump {
  private static final int WIDTH = 16;

  private HexDump() {}

  static String of(byte[] bytes) {
    var text = new StringBuilder();
    var hex = HexFormat.ofDelimiter(" ");
    for (int from = 0; from < bytes.length; from += WIDTH) {
      int to = Math.min(bytes.length, from + WIDTH);
      text.append(from == 0 ? "" : "\n").append("%08x  ".formatted(from));
      String line = hex.formatHex(bytes, from, to);
      text.append(line).repeat(' ', WIDTH * 3 - line.length() + 1).append('|');
      for (int i = from; i < to; i++) {
        text.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
      }
      text.append('|');
    }
    return text.toString();
  }
}
