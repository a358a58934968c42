// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A received netlink message: struct nlmsghdr of linux/netlink.h and what follows it. */
record Message(int type, int flags, int sequence, ByteBuffer payload) {
  static final int NOOP = 1;
  static final int ERROR = 2;
  static final int DONE = 3;
  static final int OVERRUN = 4;
  static final int FLAG_DUMP_INTERRUPTED = 0x10;
  static final int FLAG_CAPPED = 0x100;
  static final int FLAG_ACK_ATTRIBUTES = 0x200;
  private static final int EXTACK_TEXT = 1;

  /** Splits a datagram; the messages do not refer to it afterwards. */
  static List<Message> split(byte[] datagram) {
    var buffer = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
    var messages = new ArrayList<Message>();
    int start = 0;
    while (buffer.limit() - start >= MessageWriter.HEADER) {
      int length = buffer.getInt(start);
      if (length < MessageWriter.HEADER || length > buffer.limit() - start) {
        throw new IllegalStateException(
            "netlink message of %d bytes in a datagram with %d left"
                .formatted(length, buffer.limit() - start));
      }
      var payload = buffer.slice(start + MessageWriter.HEADER, length - MessageWriter.HEADER);
      messages.add(
          new Message(
              Short.toUnsignedInt(buffer.getShort(start + 4)),
              Short.toUnsignedInt(buffer.getShort(start + 6)),
              buffer.getInt(start + 8),
              payload.order(ByteOrder.nativeOrder())));
      start += length + 3 & ~3;
    }
    return messages;
  }

  int u8(int offset) {
    return payload.get(offset) & 0xff;
  }

  int u16(int offset) {
    return Short.toUnsignedInt(payload.getShort(offset));
  }

  int u32(int offset) {
    return payload.getInt(offset);
  }

  byte[] bytes(int offset, int length) {
    var bytes = new byte[length];
    payload.get(offset, bytes);
    return bytes;
  }

  /** The attributes behind a fixed struct of that size. */
  Attributes attributes(int structSize) {
    int from = Math.min(structSize, payload.limit());
    return Attributes.read(payload.slice(from, payload.limit() - from));
  }

  /** Of ERROR and DONE: the errno, or 0 for an acknowledgement. */
  int errno() {
    return payload.remaining() < 4 ? 0 : -payload.getInt(0);
  }

  /** Of ERROR and DONE: what the kernel says about it (NETLINK_EXT_ACK), or nothing. */
  String kernelText() {
    if ((flags & FLAG_ACK_ATTRIBUTES) == 0) {
      return "";
    }
    int skip = 4;
    if (type == ERROR) {
      skip += (flags & FLAG_CAPPED) != 0 ? MessageWriter.HEADER : payload.getInt(4) + 3 & ~3;
    }
    return attributes(skip).text(EXTACK_TEXT).orElse("");
  }
}
