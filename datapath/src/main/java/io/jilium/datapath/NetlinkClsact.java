// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.Clsact;
import io.jilium.linux.ebpf.TcHook;
import io.jilium.linux.netlink.BpfFilter;
import io.jilium.linux.netlink.Filters;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Qdiscs;
import io.jilium.linux.sys.Fd;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** tc filters for kernels without tcx. Ours have a preference, a handle and names of our own. */
final class NetlinkClsact implements Clsact {
  private static final int PRIORITY = 1;

  /** "ji": beside the filters that others have at the same preference. */
  private static final int HANDLE = 0x6A69;

  private static final String PREFIX = "jilium-";

  private final NetlinkSocket netlink;

  /** The caller keeps owning the socket. */
  NetlinkClsact(NetlinkSocket netlink) {
    this.netlink = netlink;
  }

  @Override
  public void replace(int ifindex, TcHook hook, Fd program, String name) {
    netlink.apply(Qdiscs.addClsact(ifindex));
    netlink.apply(Filters.replace(filter(ifindex, hook, name), program));
  }

  @Override
  public boolean remove(int ifindex, TcHook hook) {
    return programId(ifindex, hook).isPresent()
        && netlink.apply(Filters.delete(filter(ifindex, hook, "")));
  }

  @Override
  public OptionalInt programId(int ifindex, TcHook hook) {
    return netlink.list(Filters.of(ifindex, direction(hook))).stream()
        .filter(NetlinkClsact::isOurs)
        .mapToInt(BpfFilter::programId)
        .findFirst();
  }

  /** Takes our filters from a device; false if it had none, or is gone. */
  boolean remove(String device) {
    return netlink.find(Links.byName(device)).map(this::removeBoth).orElse(false);
  }

  private boolean removeBoth(Link link) {
    boolean ingress = remove(link.index(), TcHook.INGRESS);
    return remove(link.index(), TcHook.EGRESS) || ingress;
  }

  /** Takes our filters from devices that are not named; returns those that had any. */
  List<String> retain(Set<String> devices) {
    return netlink.list(Links.all()).stream()
        .filter(link -> !devices.contains(link.name()) && removeBoth(link))
        .map(Link::name)
        .toList();
  }

  /** Takes our filters from every device; a clsact that holds no filter then goes too. */
  void removeAll() {
    for (Link link : netlink.list(Links.all())) {
      if (removeBoth(link) && isEmpty(link.index())) {
        netlink.apply(Qdiscs.deleteClsact(link.index()));
      }
    }
  }

  private boolean isEmpty(int ifindex) {
    for (var direction : BpfFilter.Direction.values()) {
      if (!netlink.list(Filters.of(ifindex, direction)).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOurs(BpfFilter filter) {
    return filter.handle() == HANDLE && filter.name().startsWith(PREFIX);
  }

  private static BpfFilter filter(int ifindex, TcHook hook, String name) {
    return new BpfFilter(ifindex, direction(hook), PRIORITY, HANDLE, PREFIX + name, 0);
  }

  private static BpfFilter.Direction direction(TcHook hook) {
    return switch (hook) {
      case INGRESS -> BpfFilter.Direction.INGRESS;
      case EGRESS -> BpfFilter.Direction.EGRESS;
    };
  }
}
