// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.util.Optional;
import java.util.OptionalInt;

/** Requests about network devices: {@code ip link}. */
public final class Links {
  static final int ADDRESS = 1;
  static final int NAME = 3;
  static final int MTU = 4;
  static final int PARENT = 5;
  static final int MASTER = 10;
  static final int TXQLEN = 13;
  static final int OPERATIONAL_STATE = 16;
  static final int LINK_INFO = 18;
  static final int ALIAS = 20;
  static final int AF_SPEC = 26;
  static final int NET_NS_FD = 28;
  static final int EXT_MASK = 29;
  static final int NUM_TX_QUEUES = 31;
  static final int NUM_RX_QUEUES = 32;
  static final int LINK_NETNS_ID = 37;
  static final int GSO_MAX_SIZE = 41;
  static final int GRO_MAX_SIZE = 58;
  static final int GSO_IPV4_MAX_SIZE = 63;
  static final int GRO_IPV4_MAX_SIZE = 64;
  static final int INET6_ADDR_GEN_MODE = 8;
  static final int NEW = 16;
  static final int DELETE = 17;
  private static final int GET = 18;
  private static final int SET = 19;
  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;
  private static final int VETH_INFO_PEER = 1;
  private static final int SKIP_STATISTICS = 8;
  private static final int STRUCT = 16;
  private static final int DEFAULT_OFFLOAD_SIZE = 65536;

  private Links() {}

  /** {@code ip link show}; without counters, which cost more than the rest. */
  public static Dump<Link> all() {
    var message =
        LinkSettings.none()
            .write(new MessageWriter(GET, MessageWriter.REQUEST | MessageWriter.DUMP), 0)
            .u32(EXT_MASK, SKIP_STATISTICS);
    return new Dump<>(
        "list links",
        message.finish(),
        answer -> answer.type() == NEW ? Optional.of(decode(answer)) : Optional.empty());
  }

  /** {@code ip link show dev NAME} */
  public static Lookup<Link> byName(String name) {
    var message =
        LinkSettings.named(name)
            .write(new MessageWriter(GET, MessageWriter.REQUEST), 0)
            .u32(EXT_MASK, SKIP_STATISTICS);
    return new Lookup<>("get link " + name, message.finish(), Links::decode, Errno.ENODEV);
  }

  /** {@code ip link show}, the device with that index */
  public static Lookup<Link> byIndex(int index) {
    var message =
        LinkSettings.none()
            .write(new MessageWriter(GET, MessageWriter.REQUEST), index)
            .u32(EXT_MASK, SKIP_STATISTICS);
    return new Lookup<>(
        "get link with index " + index, message.finish(), Links::decode, Errno.ENODEV);
  }

  /** The XDP programs that {@code ip link show} names, of the device with that index. */
  public static Lookup<XdpPrograms> xdp(int index) {
    var message =
        LinkSettings.none()
            .write(new MessageWriter(GET, MessageWriter.REQUEST), index)
            .u32(EXT_MASK, SKIP_STATISTICS);
    return new Lookup<>(
        "get XDP programs of link with index " + index,
        message.finish(),
        answer -> XdpPrograms.of(answer.attributes(STRUCT)),
        Errno.ENODEV);
  }

  /**
   * {@code ip link add NAME … type veth peer name PEER …}: both ends complete in one request; each
   * may have a {@link LinkSettings#netns}, and is created there directly under its final name.
   * Unchanged if either name is taken. The first end may be up and have an index of one's choice,
   * the peer not: the kernel makes it before it knows the other. So a pod's end is best the first,
   * and the host's end the peer, which then takes a {@link #set}.
   */
  public static Change createVeth(LinkSettings settings, LinkSettings peer) {
    peer.checkPeerCreation(settings);
    var message = creation(settings);
    int info = message.begin(LINK_INFO);
    message.text(INFO_KIND, "veth");
    int data = message.begin(INFO_DATA);
    int end = message.begin(VETH_INFO_PEER);
    peer.write(message, peer.index()).end(end).end(data).end(info);
    return new Change(
        "create veth pair " + settings.name() + " and " + peer.name(),
        message.finish(),
        Errno.EEXIST);
  }

  /**
   * {@code ip link add NAME … type KIND …}; unchanged if the name is taken, even by another kind.
   */
  public static Change create(LinkKind kind, LinkSettings settings) {
    var message = creation(settings);
    int info = message.begin(LINK_INFO);
    message.text(INFO_KIND, kind.word());
    switch (kind) {
      case LinkKind.Vxlan vxlan -> writeVxlan(message, vxlan);
      case LinkKind.Veth _ -> throw new IllegalArgumentException("a veth needs a peer");
      case LinkKind.Other other ->
          throw new IllegalArgumentException("cannot create link of kind '" + other.word() + "'");
      case LinkKind.Dummy _, LinkKind.Bridge _ -> {}
    }
    message.end(info);
    return new Change(
        "create %s %s".formatted(kind.word(), settings.name()), message.finish(), Errno.EEXIST);
  }

  /** {@code ip link set …}: changes what the settings say of the device with that index. */
  public static Change set(int index, LinkSettings settings) {
    var message =
        settings.write(new MessageWriter(SET, MessageWriter.REQUEST | MessageWriter.ACK), index);
    return new Change("change link with index " + index, message.finish());
  }

  /** {@code ip link set dev NAME …} */
  public static Change set(String name, LinkSettings settings) {
    if (!settings.name().isEmpty()) {
      throw new IllegalArgumentException("rename of " + name + " needs its index");
    }
    var message =
        settings.write(new MessageWriter(SET, MessageWriter.REQUEST | MessageWriter.ACK), 0);
    return new Change("change link " + name, message.text(NAME, name).finish());
  }

  /** {@code ip link del dev NAME}; unchanged if there is none. */
  public static Change delete(String name) {
    var message =
        LinkSettings.named(name)
            .write(new MessageWriter(DELETE, MessageWriter.REQUEST | MessageWriter.ACK), 0);
    return new Change("delete link " + name, message.finish(), Errno.ENODEV);
  }

  /** {@code ip link del}, the device with that index; unchanged if there is none. */
  public static Change delete(int index) {
    var message =
        LinkSettings.none()
            .write(new MessageWriter(DELETE, MessageWriter.REQUEST | MessageWriter.ACK), index);
    return new Change("delete link with index " + index, message.finish(), Errno.ENODEV);
  }

  static Link decode(Message message) {
    var attributes = message.attributes(STRUCT);
    int gso = attributes.u32(GSO_MAX_SIZE, DEFAULT_OFFLOAD_SIZE);
    int gro = attributes.u32(GRO_MAX_SIZE, DEFAULT_OFFLOAD_SIZE);
    var states = Link.OperationalState.values();
    int state = attributes.u8(OPERATIONAL_STATE).orElse(0);
    return new Link(
        message.u32(4),
        attributes.text(NAME).orElse(""),
        kind(attributes.nested(LINK_INFO)),
        attributes.mac(ADDRESS).orElse(MacAddress.ZERO),
        attributes.u32(MTU, 0),
        message.u32(8),
        state < states.length ? states[state] : Link.OperationalState.UNKNOWN,
        attributes.u32(MASTER),
        attributes.u32(PARENT, 0) == 0 ? OptionalInt.empty() : attributes.u32(PARENT),
        attributes.u32(LINK_NETNS_ID),
        attributes.text(ALIAS).orElse(""),
        gso,
        gro,
        attributes.u32(GSO_IPV4_MAX_SIZE, gso),
        attributes.u32(GRO_IPV4_MAX_SIZE, gro),
        addressGeneration(attributes));
  }

  private static MessageWriter creation(LinkSettings settings) {
    settings.checkCreation();
    int flags =
        MessageWriter.REQUEST | MessageWriter.ACK | MessageWriter.CREATE | MessageWriter.EXCLUSIVE;
    return settings.write(new MessageWriter(NEW, flags), settings.index());
  }

  private static Optional<Link.AddressGeneration> addressGeneration(Attributes attributes) {
    var modes = Link.AddressGeneration.values();
    var mode = attributes.nested(AF_SPEC).nested(Family.IPV6.number()).u8(INET6_ADDR_GEN_MODE);
    return mode.isPresent() && mode.getAsInt() < modes.length
        ? Optional.of(modes[mode.getAsInt()])
        : Optional.empty();
  }

  private static LinkKind kind(Attributes info) {
    return switch (info.text(INFO_KIND).orElse("")) {
      case "veth" -> new LinkKind.Veth();
      case "dummy" -> new LinkKind.Dummy();
      case "bridge" -> new LinkKind.Bridge();
      case "vxlan" -> readVxlan(info.nested(INFO_DATA));
      case String other -> new LinkKind.Other(other);
    };
  }

  /** The attributes of IFLA_INFO_DATA for vxlan, linux/if_link.h. */
  private static final class VxlanData {
    static final int ID = 1;
    static final int DEVICE = 3;
    static final int LOCAL = 4;
    static final int LEARNING = 7;
    static final int PORT = 15;
    static final int LOCAL6 = 17;
    static final int ZERO_CHECKSUM6_SEND = 19;
    static final int ZERO_CHECKSUM6_RECEIVE = 20;
    static final int COLLECT_METADATA = 25;

    private VxlanData() {}
  }

  private static void writeVxlan(MessageWriter message, LinkKind.Vxlan vxlan) {
    int data = message.begin(INFO_DATA);
    if (vxlan.external()) {
      message.u8(VxlanData.COLLECT_METADATA, 1);
    } else {
      message.u32(VxlanData.ID, vxlan.id());
    }
    vxlan.device().ifPresent(device -> message.u32(VxlanData.DEVICE, device));
    vxlan
        .local()
        .ifPresent(local ->
            message.address(
                Family.of(local) == Family.IPV4 ? VxlanData.LOCAL : VxlanData.LOCAL6, local));
    message
        .u8(VxlanData.LEARNING, vxlan.learning() ? 1 : 0)
        .be16(VxlanData.PORT, vxlan.port())
        .u8(VxlanData.ZERO_CHECKSUM6_SEND, vxlan.zeroChecksum6() ? 1 : 0)
        .u8(VxlanData.ZERO_CHECKSUM6_RECEIVE, vxlan.zeroChecksum6() ? 1 : 0)
        .end(data);
  }

  private static LinkKind readVxlan(Attributes data) {
    var device = data.u32(VxlanData.DEVICE);
    return new LinkKind.Vxlan(
        data.u8(VxlanData.COLLECT_METADATA).orElse(0) != 0,
        data.u32(VxlanData.ID, 0),
        data.be16(VxlanData.PORT).orElse(0),
        device.orElse(0) == 0 ? OptionalInt.empty() : device,
        data.address(VxlanData.LOCAL).or(() -> data.address(VxlanData.LOCAL6)),
        data.u8(VxlanData.LEARNING).orElse(0) != 0,
        data.u8(VxlanData.ZERO_CHECKSUM6_RECEIVE).orElse(0) != 0);
  }
}
