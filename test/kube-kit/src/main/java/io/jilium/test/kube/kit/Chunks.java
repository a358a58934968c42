// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The chunked transfer coding of HTTP/1.1 (RFC 9112, section 7.1). */
final class Chunks {
  private static final int HEXADECIMAL = 16;
  private static final int LINE_END = 2;

  private Chunks() {}

  /** The body that complete chunks are made of. */
  static byte[] join(byte[] chunked) {
    var body = new ByteArrayOutputStream(chunked.length);
    int at = 0;
    while (at < chunked.length) {
      int end = at;
      while (chunked[end] != '\r') {
        end++;
      }
      var line = new String(chunked, at, end - at, StandardCharsets.US_ASCII);
      int size = Integer.parseInt(line.split(";", 2)[0].strip(), HEXADECIMAL);
      if (size == 0) {
        break;
      }
      body.write(chunked, end + LINE_END, size);
      at = end + LINE_END + size + LINE_END;
    }
    return body.toByteArray();
  }
}
