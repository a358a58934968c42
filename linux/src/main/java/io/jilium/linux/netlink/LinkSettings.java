// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Netns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a device shall have when it is created or changed; what is not said stays as it is.
 * Immutable.
 *
 * <p>{@code LinkSettings.named("lxc1a2b").mtu(1450).mac(mac).up()}
 */
public final class LinkSettings {
  private static final LinkSettings NONE = new LinkSettings("", 0, 0, 0, List.of());

  private final String name;
  private final int index;
  private final int flags;
  private final int flagMask;
  private final List<Setting> settings;

  private LinkSettings(String name, int index, int flags, int flagMask, List<Setting> settings) {
    this.name = name;
    this.index = index;
    this.flags = flags;
    this.flagMask = flagMask;
    this.settings = List.copyOf(settings);
  }

  /** When the kernel heeds a setting, beside {@link Links#set}. */
  private enum When {
    ALWAYS,
    /** At creation, but not of a pair's other end. */
    FIRST_END,
    LATER
  }

  /** One attribute. */
  private record Setting(When when, Consumer<MessageWriter> writer) {}

  public static LinkSettings none() {
    return NONE;
  }

  /** {@code ip link add NAME}, or with {@link Links#set} {@code ip link set … name NAME} */
  public static LinkSettings named(String name) {
    int length = name.length();
    if (length == 0 || length > 15 || name.contains("/") || name.contains(" ")) {
      throw new IllegalArgumentException("not a device name: '" + name + "'");
    }
    return new LinkSettings(
        name, 0, 0, 0, List.of(new Setting(When.ALWAYS, m -> m.text(Links.NAME, name))));
  }

  /** {@code ip link add … index INDEX}; at creation only, and refused if the index is taken. */
  public LinkSettings index(int wanted) {
    return new LinkSettings(name, wanted, flags, flagMask, settings);
  }

  /** {@code mtu BYTES} */
  public LinkSettings mtu(int bytes) {
    return with(m -> m.u32(Links.MTU, bytes));
  }

  /** {@code address MAC} */
  public LinkSettings mac(MacAddress mac) {
    return with(m -> m.mac(Links.ADDRESS, mac));
  }

  /** {@code alias TEXT}; with {@link Links#set} only. */
  public LinkSettings alias(String text) {
    return with(When.LATER, m -> m.text(Links.ALIAS, text));
  }

  /** {@code master DEVICE}; not at the creation of a pair's other end. */
  public LinkSettings master(int device) {
    return with(When.FIRST_END, m -> m.u32(Links.MASTER, device));
  }

  /** {@code nomaster} */
  public LinkSettings noMaster() {
    return master(0);
  }

  /** {@code netns NAME}; the namespace must stay open until the change is applied. */
  public LinkSettings netns(Netns netns) {
    int fd = netns.fd().number();
    return with(m -> m.u32(Links.NET_NS_FD, fd));
  }

  /** {@code txqueuelen PACKETS} */
  public LinkSettings transmitQueueLength(int packets) {
    return with(m -> m.u32(Links.TXQLEN, packets));
  }

  /** {@code numtxqueues COUNT numrxqueues COUNT}; at creation only. */
  public LinkSettings queues(int count) {
    return with(m -> m.u32(Links.NUM_TX_QUEUES, count).u32(Links.NUM_RX_QUEUES, count));
  }

  /** {@code gso_max_size BYTES gro_max_size BYTES} */
  public LinkSettings offloadSizes(int gsoBytes, int groBytes) {
    return with(m -> m.u32(Links.GSO_MAX_SIZE, gsoBytes).u32(Links.GRO_MAX_SIZE, groBytes));
  }

  /** {@code gso_ipv4_max_size BYTES gro_ipv4_max_size BYTES}, since Linux 6.3 */
  public LinkSettings offloadSizesIpv4(int gsoBytes, int groBytes) {
    return with(
        m -> m.u32(Links.GSO_IPV4_MAX_SIZE, gsoBytes).u32(Links.GRO_IPV4_MAX_SIZE, groBytes));
  }

  /**
   * {@code addrgenmode MODE}; with {@link Links#set} only, because the kernel ignores it at
   * creation.
   */
  public LinkSettings addressGeneration(Link.AddressGeneration mode) {
    return with(
        When.LATER,
        m -> {
          int spec = m.begin(Links.AF_SPEC);
          int inet6 = m.begin(Family.IPV6.number());
          m.u8(Links.INET6_ADDR_GEN_MODE, mode.number()).end(inet6).end(spec);
        });
  }

  /** {@code up} */
  public LinkSettings up() {
    return flag(Link.FLAG_UP, true);
  }

  /** {@code down} */
  public LinkSettings down() {
    return flag(Link.FLAG_UP, false);
  }

  /** {@code arp off}, or {@code arp on} */
  public LinkSettings noArp(boolean off) {
    return flag(Link.FLAG_NOARP, off);
  }

  String name() {
    return name;
  }

  int index() {
    return index;
  }

  /** Refuses what the kernel would silently ignore when it makes a device. */
  void checkCreation() {
    require(!name.isEmpty(), "a new link needs a name");
    require(settings.stream().noneMatch(s -> s.when() == When.LATER), "can only be set later");
  }

  /** Refuses what the kernel would ignore or refuse when it makes the other end of a pair. */
  void checkPeerCreation(LinkSettings firstEnd) {
    checkCreation();
    require((flags & Link.FLAG_UP) == 0, "a peer cannot be up at creation");
    require(index == 0 || firstEnd.index != 0, "index of a peer needs an index of the first end");
    require(settings.stream().allMatch(s -> s.when() == When.ALWAYS), "can only be set later");
  }

  /** Writes struct ifinfomsg (linux/rtnetlink.h) and the attributes. */
  MessageWriter write(MessageWriter message, int ifindex) {
    message.u8(Family.UNSPEC).u8(0).u16(0).u32(ifindex).u32(flags).u32(flagMask);
    settings.forEach(setting -> setting.writer().accept(message));
    return message;
  }

  private LinkSettings with(Consumer<MessageWriter> writer) {
    return with(When.ALWAYS, writer);
  }

  private LinkSettings with(When when, Consumer<MessageWriter> writer) {
    var all = new ArrayList<>(settings);
    all.add(new Setting(when, writer));
    return new LinkSettings(name, index, flags, flagMask, all);
  }

  private void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException("link '%s': %s".formatted(name, otherwise));
    }
  }

  private LinkSettings flag(int flag, boolean on) {
    return new LinkSettings(
        name, index, on ? flags | flag : flags & ~flag, flagMask | flag, settings);
  }
}
