// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct flow_entry} of {@code abi/flow.h}: conntrack state and cached decision of one
 * direction. Times are the low 32 bits of jiffies.
 */
public record FlowEntry(
    long packets,
    long bytes,
    int epoch,
    int decided,
    int seen,
    int reported,
    int created,
    NumericIdentity sourceIdentity,
    NumericIdentity destinationIdentity,
    int rule,
    int ifindex,
    int sourceEndpoint,
    int destinationEndpoint,
    FlowAction action,
    int tcpFlags,
    int flags,
    MacAddress destinationMac,
    MacAddress sourceMac,
    int mtu,
    FlowOrigin origin,
    int natSourcePort,
    int natDestinationPort,
    IpAddress natSource,
    IpAddress natDestination,
    IpAddress tunnelLocal,
    IpAddress tunnelRemote,
    int revnat,
    int backend) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U64.withName("packets"),
          Struct.U64.withName("bytes"),
          Struct.U32.withName("epoch"),
          Struct.U32.withName("decided"),
          Struct.U32.withName("seen"),
          Struct.U32.withName("reported"),
          Struct.U32.withName("created"),
          Struct.U32.withName("src_identity"),
          Struct.U32.withName("dst_identity"),
          Struct.U32.withName("rule"),
          Struct.U32.withName("ifindex"),
          Struct.U16.withName("src_endpoint"),
          Struct.U16.withName("dst_endpoint"),
          Struct.U8.withName("action"),
          Struct.U8.withName("tcp_flags"),
          Struct.U16.withName("flags"),
          Struct.MAC.withName("dmac"),
          Struct.MAC.withName("smac"),
          Struct.U16.withName("mtu"),
          Struct.U8.withName("origin"),
          Struct.U8.withName("pad"),
          Struct.BE16.withName("nat_sport"),
          Struct.BE16.withName("nat_dport"),
          Struct.ADDRESS.withName("nat_src"),
          Struct.ADDRESS.withName("nat_dst"),
          Struct.BE32.withName("tunnel_local"),
          Struct.BE32.withName("tunnel_remote"),
          Struct.U32.withName("revnat"),
          Struct.U32.withName("backend"));

  private static final VarHandle PACKETS = Struct.field(LAYOUT, "packets");
  private static final VarHandle BYTES = Struct.field(LAYOUT, "bytes");
  private static final VarHandle EPOCH = Struct.field(LAYOUT, "epoch");
  private static final VarHandle DECIDED = Struct.field(LAYOUT, "decided");
  private static final VarHandle SEEN = Struct.field(LAYOUT, "seen");
  private static final VarHandle REPORTED = Struct.field(LAYOUT, "reported");
  private static final VarHandle CREATED = Struct.field(LAYOUT, "created");
  private static final VarHandle SRC_IDENTITY = Struct.field(LAYOUT, "src_identity");
  private static final VarHandle DST_IDENTITY = Struct.field(LAYOUT, "dst_identity");
  private static final VarHandle RULE = Struct.field(LAYOUT, "rule");
  private static final VarHandle IFINDEX = Struct.field(LAYOUT, "ifindex");
  private static final VarHandle SRC_ENDPOINT = Struct.field(LAYOUT, "src_endpoint");
  private static final VarHandle DST_ENDPOINT = Struct.field(LAYOUT, "dst_endpoint");
  private static final VarHandle ACTION = Struct.field(LAYOUT, "action");
  private static final VarHandle TCP_FLAGS = Struct.field(LAYOUT, "tcp_flags");
  private static final VarHandle FLAGS = Struct.field(LAYOUT, "flags");
  private static final VarHandle ORIGIN = Struct.field(LAYOUT, "origin");
  private static final long DMAC = Struct.offset(LAYOUT, "dmac");
  private static final long SMAC = Struct.offset(LAYOUT, "smac");
  private static final VarHandle MTU = Struct.field(LAYOUT, "mtu");
  private static final VarHandle NAT_SPORT = Struct.field(LAYOUT, "nat_sport");
  private static final VarHandle NAT_DPORT = Struct.field(LAYOUT, "nat_dport");
  private static final long NAT_SRC = Struct.offset(LAYOUT, "nat_src");
  private static final long NAT_DST = Struct.offset(LAYOUT, "nat_dst");
  private static final VarHandle TUNNEL_LOCAL = Struct.field(LAYOUT, "tunnel_local");
  private static final VarHandle TUNNEL_REMOTE = Struct.field(LAYOUT, "tunnel_remote");
  private static final VarHandle REVNAT = Struct.field(LAYOUT, "revnat");
  private static final VarHandle BACKEND = Struct.field(LAYOUT, "backend");

  /** Reads the struct at the start of the segment. */
  public static FlowEntry read(MemorySegment from) {
    return new FlowEntry(
        (long) PACKETS.get(from, 0L),
        (long) BYTES.get(from, 0L),
        (int) EPOCH.get(from, 0L),
        (int) DECIDED.get(from, 0L),
        (int) SEEN.get(from, 0L),
        (int) REPORTED.get(from, 0L),
        (int) CREATED.get(from, 0L),
        new NumericIdentity((int) SRC_IDENTITY.get(from, 0L)),
        new NumericIdentity((int) DST_IDENTITY.get(from, 0L)),
        (int) RULE.get(from, 0L),
        (int) IFINDEX.get(from, 0L),
        Struct.u16(SRC_ENDPOINT, from),
        Struct.u16(DST_ENDPOINT, from),
        FlowAction.of(Struct.u8(ACTION, from)).orElseThrow(),
        Struct.u8(TCP_FLAGS, from),
        Struct.u16(FLAGS, from),
        Struct.mac(from, DMAC),
        Struct.mac(from, SMAC),
        Struct.u16(MTU, from),
        FlowOrigin.of(Struct.u8(ORIGIN, from)).orElse(FlowOrigin.NONE),
        Struct.u16(NAT_SPORT, from),
        Struct.u16(NAT_DPORT, from),
        Struct.address(from, NAT_SRC),
        Struct.address(from, NAT_DST),
        IpAddress.v4((int) TUNNEL_LOCAL.get(from, 0L)),
        IpAddress.v4((int) TUNNEL_REMOTE.get(from, 0L)),
        (int) REVNAT.get(from, 0L),
        (int) BACKEND.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    PACKETS.set(to, 0L, packets);
    BYTES.set(to, 0L, bytes);
    EPOCH.set(to, 0L, epoch);
    DECIDED.set(to, 0L, decided);
    SEEN.set(to, 0L, seen);
    REPORTED.set(to, 0L, reported);
    CREATED.set(to, 0L, created);
    SRC_IDENTITY.set(to, 0L, sourceIdentity.value());
    DST_IDENTITY.set(to, 0L, destinationIdentity.value());
    RULE.set(to, 0L, rule);
    IFINDEX.set(to, 0L, ifindex);
    SRC_ENDPOINT.set(to, 0L, (short) sourceEndpoint);
    DST_ENDPOINT.set(to, 0L, (short) destinationEndpoint);
    ACTION.set(to, 0L, (byte) action.number());
    TCP_FLAGS.set(to, 0L, (byte) tcpFlags);
    FLAGS.set(to, 0L, (short) flags);
    ORIGIN.set(to, 0L, (byte) origin.number());
    Struct.mac(to, DMAC, destinationMac);
    Struct.mac(to, SMAC, sourceMac);
    MTU.set(to, 0L, (short) mtu);
    NAT_SPORT.set(to, 0L, (short) natSourcePort);
    NAT_DPORT.set(to, 0L, (short) natDestinationPort);
    Struct.address(to, NAT_SRC, natSource);
    Struct.address(to, NAT_DST, natDestination);
    TUNNEL_LOCAL.set(to, 0L, tunnelLocal.v4Bits());
    TUNNEL_REMOTE.set(to, 0L, tunnelRemote.v4Bits());
    REVNAT.set(to, 0L, revnat);
    BACKEND.set(to, 0L, backend);
  }

  /** Whether a {@link FlowFlag} is set. */
  public boolean has(FlowFlag flag) {
    return flag.in(flags);
  }
}
