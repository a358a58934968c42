// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.Link;
import io.jilium.linux.ebpf.LinkInfo;
import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.XdpLink;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.XdpPrograms;
import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Programs of XDP, by pinned links. A device has room for one, so what others attached is told and
 * left alone.
 */
final class XdpAttachments {
  private final NetlinkSocket netlink;

  /** The caller keeps owning the socket. */
  XdpAttachments(NetlinkSocket netlink) {
    this.netlink = netlink;
  }

  /**
   * Makes the program the one that runs on the device: replaces that of the pinned link atomically,
   * or attaches and pins anew, as it also does when the mode changes.
   *
   * @throws AccelerationException if the device cannot have it
   */
  void ensure(String device, int ifindex, XdpMode mode, Program program, Path pin) {
    var own = find(ifindex, pin);
    if (own.isPresent()) {
      try (var link = own.get()) {
        if (running(mode, ifindex).equals(OptionalInt.of(link.info().programId()))) {
          link.update(program);
          return;
        }
        link.detach();
      }
    }
    Link.unpin(pin);
    refuseForeign(device, ifindex);
    try (var link = XdpLink.attach(ifindex, mode.link(), program)) {
      link.pin(pin);
    } catch (LinuxException e) {
      throw refused(device, mode, e);
    }
  }

  /** Puts another program into the link that is pinned, if there is one. */
  static void replace(Program program, Path pin) {
    Link.find(pin)
        .ifPresent(found -> {
          try (var link = found) {
            link.update(program);
          }
        });
  }

  static boolean isAttached(int ifindex, Path pin) {
    var found = find(ifindex, pin);
    found.ifPresent(Link::close);
    return found.isPresent();
  }

  /** The pinned link, if it is one of this device. */
  private static Optional<Link> find(int ifindex, Path pin) {
    var link = Link.find(pin);
    if (link.isPresent()
        && link.get().info() instanceof LinkInfo.Xdp(_, _, int device)
        && device == ifindex) {
      return link;
    }
    link.ifPresent(Link::close);
    return Optional.empty();
  }

  private OptionalInt running(XdpMode mode, int ifindex) {
    var programs = programs(ifindex);
    return switch (mode) {
      case NATIVE -> programs.driver();
      case GENERIC -> programs.generic();
    };
  }

  private XdpPrograms programs(int ifindex) {
    return netlink
        .find(Links.xdp(ifindex))
        .orElseGet(
            () -> new XdpPrograms(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty()));
  }

  private void refuseForeign(String device, int ifindex) {
    var there = programs(ifindex);
    var others = there.all();
    if (!others.isEmpty()) {
      var word = there.driver().isPresent() ? "xdp" : "xdpgeneric";
      throw new AccelerationException(
          "%s runs %s of somebody else, which Jilium leaves alone: take it off with \"ip link set dev %s %s off\""
                  .formatted(device, described(others), device, word)
              + " or set loadBalancer.acceleration=disabled");
    }
  }

  private static String described(List<Integer> programs) {
    return programs.stream()
        .map(id -> "XDP program " + id + name(id))
        .collect(Collectors.joining(" and "));
  }

  private static String name(int id) {
    try (var program = Program.ofId(id)) {
      return " (" + program.info().name() + ")";
    } catch (LinuxException _) {
      return ""; // it went meanwhile
    }
  }

  private static AccelerationException refused(String device, XdpMode mode, LinuxException e) {
    boolean driver = mode == XdpMode.NATIVE && e.is(Errno.EOPNOTSUPP);
    var reason =
        driver
            ? "the driver of %s cannot run XDP programs".formatted(device)
            : "%s does not take an XDP program (%s)".formatted(device, e.getMessage());
    return new AccelerationException(
        reason
            + ": set loadBalancer.acceleration=best-effort to go on without it there, or disabled",
        e);
  }
}
