// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one netlink message: header, fixed struct, attributes. Numbers are in host order, as
 * netlink wants them, except where a method says otherwise; every attribute starts at a multiple of
 * four bytes.
 */
final class MessageWriter {
  static final int HEADER = 16;
  static final int REQUEST = 1;
  static final int ACK = 4;
  static final int DUMP = 0x300;
  static final int REPLACE = 0x100;
  static final int EXCLUSIVE = 0x200;
  static final int CREATE = 0x400;
  static final int APPEND = 0x800;
  static final int NESTED = 0x8000;
  private static final int ATTRIBUTE_HEADER = 4;

  private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

  MessageWriter(int type, int flags) {
    buffer.putInt(0).putShort((short) type).putShort((short) flags).putInt(0).putInt(0);
  }

  MessageWriter u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  MessageWriter u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  MessageWriter u32(int value) {
    room(4).putInt(value);
    return this;
  }

  MessageWriter zeros(int count) {
    return bytes(new byte[count]);
  }

  MessageWriter bytes(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  MessageWriter u8(int type, int value) {
    return attribute(type, new byte[] {(byte) value});
  }

  MessageWriter u32(int type, int value) {
    header(type, 4);
    return u32(value);
  }

  /** A 16-bit number in network order, as ports are. */
  MessageWriter be16(int type, int value) {
    return attribute(type, new byte[] {(byte) (value >> 8), (byte) value});
  }

  /** Text with its terminating zero. */
  MessageWriter text(int type, String value) {
    var bytes = value.getBytes(StandardCharsets.UTF_8);
    return attribute(type, Arrays.copyOf(bytes, bytes.length + 1));
  }

  MessageWriter address(int type, InetAddress value) {
    return attribute(type, value.getAddress());
  }

  MessageWriter mac(int type, MacAddress value) {
    return attribute(type, value.bytes());
  }

  MessageWriter attribute(int type, byte[] value) {
    header(type, value.length);
    return bytes(value).pad();
  }

  /** Opens an attribute that holds what is written until {@link #end} gets the returned mark. */
  int begin(int type) {
    int mark = buffer.position();
    header(type | NESTED, 0);
    return mark;
  }

  MessageWriter end(int mark) {
    buffer.putShort(mark, (short) (buffer.position() - mark));
    return this;
  }

  /** The message with its length set; its sequence number is zero, the socket sets it. */
  byte[] finish() {
    buffer.putInt(0, buffer.position());
    pad();
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private void header(int type, int payload) {
    room(ATTRIBUTE_HEADER).putShort((short) (ATTRIBUTE_HEADER + payload)).putShort((short) type);
  }

  private MessageWriter pad() {
    int padding = -buffer.position() & 3;
    room(padding).put(new byte[padding]);
    return this;
  }

  private ByteBuffer room(int count) {
    if (buffer.remaining() < count) {
      int capacity = Math.max(2 * buffer.capacity(), buffer.position() + count);
      var larger = ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
      buffer = larger.put(buffer.flip());
    }
    return buffer;
  }
}
