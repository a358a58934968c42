// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The attributes of a received message by type; of a repeated one the last counts, as in the
 * kernel.
 */
final class Attributes {
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, ByteBuffer> values;

  private Attributes(Map<Integer, ByteBuffer> values) {
    this.values = values;
  }

  /**
   * Reads what remains of the buffer; a malformed rest ends the reading, as nla_ok() ends the
   * kernel's.
   */
  static Attributes read(ByteBuffer buffer) {
    var values = new TreeMap<Integer, ByteBuffer>();
    var rest = buffer.duplicate().order(ByteOrder.nativeOrder());
    while (rest.remaining() >= 4) {
      int start = rest.position();
      int length = Short.toUnsignedInt(rest.getShort());
      int type = rest.getShort() & TYPE_MASK;
      if (length < 4 || length > rest.limit() - start) {
        break;
      }
      values.put(type, rest.slice(start + 4, length - 4).order(ByteOrder.nativeOrder()));
      rest.position(Math.min(rest.limit(), start + (length + 3 & ~3)));
    }
    return new Attributes(values);
  }

  boolean has(int type) {
    return values.containsKey(type);
  }

  OptionalInt u8(int type) {
    var value = values.get(type);
    return value == null || value.remaining() < 1
        ? OptionalInt.empty()
        : OptionalInt.of(value.get(0) & 0xff);
  }

  OptionalInt u32(int type) {
    var value = values.get(type);
    return value == null || value.remaining() < 4
        ? OptionalInt.empty()
        : OptionalInt.of(value.getInt(0));
  }

  int u32(int type, int otherwise) {
    return u32(type).orElse(otherwise);
  }

  /** A 16-bit number in network order. */
  OptionalInt be16(int type) {
    var value = values.get(type);
    return value == null || value.remaining() < 2
        ? OptionalInt.empty()
        : OptionalInt.of((value.get(0) & 0xff) << 8 | (value.get(1) & 0xff));
  }

  Optional<String> text(int type) {
    return bytes(type)
        .map(bytes -> {
          int length = 0;
          while (length < bytes.length && bytes[length] != 0) {
            length++;
          }
          return new String(bytes, 0, length, StandardCharsets.UTF_8);
        });
  }

  Optional<InetAddress> address(int type) {
    return bytes(type).filter(b -> b.length == 4 || b.length == 16).map(IpBytes::address);
  }

  Optional<MacAddress> mac(int type) {
    return bytes(type).filter(b -> b.length == MacAddress.SIZE).map(MacAddress::of);
  }

  Attributes nested(int type) {
    var value = values.get(type);
    return value == null ? new Attributes(Map.of()) : read(value);
  }

  Optional<byte[]> bytes(int type) {
    var value = values.get(type);
    if (value == null) {
      return Optional.empty();
    }
    var bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    return Optional.of(bytes);
  }
}
