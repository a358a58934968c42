// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct event} of {@code abi/event.h}. */
final class EventLayout {
  static final int CAPTURE = 128;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U64.withName("time"),
          Struct.U8.withName("type"),
          Struct.U8.withName("subtype"),
          Struct.U16.withName("endpoint"),
          Struct.U32.withName("hash"),
          Struct.U32.withName("src_identity"),
          Struct.U32.withName("dst_identity"),
          Struct.U32.withName("rule"),
          Struct.U32.withName("ifindex"),
          Struct.U16.withName("dst_endpoint"),
          Struct.U16.withName("line"),
          Struct.U8.withName("file"),
          Struct.U8.withName("state"),
          Struct.U8.withName("flags"),
          Struct.U8.withName("direction"),
          MemoryLayout.sequenceLayout(2, Struct.U32).withName("args"),
          Struct.ADDRESS.withName("orig_ip"),
          Struct.U32.withName("cpu"),
          Struct.U16.withName("len_orig"),
          Struct.U16.withName("len_cap"),
          MemoryLayout.sequenceLayout(CAPTURE, Struct.U8).withName("data"));

  static final VarHandle TIME = Struct.field(LAYOUT, "time");
  static final VarHandle TYPE = Struct.field(LAYOUT, "type");
  static final VarHandle SUBTYPE = Struct.field(LAYOUT, "subtype");
  static final VarHandle ENDPOINT = Struct.field(LAYOUT, "endpoint");
  static final VarHandle HASH = Struct.field(LAYOUT, "hash");
  static final VarHandle SRC_IDENTITY = Struct.field(LAYOUT, "src_identity");
  static final VarHandle DST_IDENTITY = Struct.field(LAYOUT, "dst_identity");
  static final VarHandle RULE = Struct.field(LAYOUT, "rule");
  static final VarHandle IFINDEX = Struct.field(LAYOUT, "ifindex");
  static final VarHandle DST_ENDPOINT = Struct.field(LAYOUT, "dst_endpoint");
  static final VarHandle LINE = Struct.field(LAYOUT, "line");
  static final VarHandle FILE = Struct.field(LAYOUT, "file");
  static final VarHandle STATE = Struct.field(LAYOUT, "state");
  static final VarHandle FLAGS = Struct.field(LAYOUT, "flags");
  static final VarHandle DIRECTION = Struct.field(LAYOUT, "direction");
  static final VarHandle CPU = Struct.field(LAYOUT, "cpu");
  static final VarHandle LEN_ORIG = Struct.field(LAYOUT, "len_orig");
  static final VarHandle LEN_CAP = Struct.field(LAYOUT, "len_cap");
  static final long ARGS = Struct.offset(LAYOUT, "args");
  static final long ORIG_IP = Struct.offset(LAYOUT, "orig_ip");
  static final long DATA = Struct.offset(LAYOUT, "data");

  private EventLayout() {}
}
