// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The pieces that the layouts of {@code abi/*.h} are made of: C's types with their byte order. */
final class Struct {
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT;
  static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG;
  static final ValueLayout.OfShort BE16 = U16.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt BE32 = U32.withOrder(ByteOrder.BIG_ENDIAN);

  /** {@code __u8 mac[6]}. */
  static final SequenceLayout MAC = MemoryLayout.sequenceLayout(6, U8);

  /** {@code union address} of {@code abi/address.h}: two halves in network order. */
  static final SequenceLayout ADDRESS =
      MemoryLayout.sequenceLayout(
          2, ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN).withByteAlignment(4));

  private static final ValueLayout.OfLong HALF = (ValueLayout.OfLong) ADDRESS.elementLayout();

  private Struct() {}

  /** {@code __u8 pad[count]}. */
  static MemoryLayout pad(int count) {
    return MemoryLayout.sequenceLayout(count, U8).withName("pad");
  }

  /** Accessor of one member; its coordinates are a segment and the struct's offset in it. */
  static VarHandle field(StructLayout layout, String name) {
    return layout.varHandle(PathElement.groupElement(name));
  }

  static long offset(StructLayout layout, String name) {
    return layout.byteOffset(PathElement.groupElement(name));
  }

  static IpAddress address(MemorySegment from, long at) {
    return new IpAddress(from.get(HALF, at), from.get(HALF, at + 8));
  }

  static void address(MemorySegment to, long at, IpAddress address) {
    to.set(HALF, at, address.high());
    to.set(HALF, at + 8, address.low());
  }

  static MacAddress mac(MemorySegment from, long at) {
    long bits = 0;
    for (int i = 0; i < 6; i++) {
      bits = bits << 8 | (from.get(U8, at + i) & 0xFF);
    }
    return new MacAddress(bits);
  }

  static void mac(MemorySegment to, long at, MacAddress mac) {
    for (int i = 0; i < 6; i++) {
      to.set(U8, at + i, (byte) (mac.bits() >>> (40 - 8 * i)));
    }
  }

  /** A port, counter or flag word of 16 bits. */
  static int u16(VarHandle field, MemorySegment from) {
    return u16(field, from, 0);
  }

  static int u8(VarHandle field, MemorySegment from) {
    return u8(field, from, 0);
  }

  static int u16(VarHandle field, MemorySegment from, long at) {
    return (short) field.get(from, at) & 0xFFFF;
  }

  static int u8(VarHandle field, MemorySegment from, long at) {
    return (byte) field.get(from, at) & 0xFF;
  }
}
