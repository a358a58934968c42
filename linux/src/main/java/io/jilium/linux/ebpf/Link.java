// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A program attached by a link of the kernel. Closing releases this handle: a link without a pin
 * and without another handle detaches then, a pinned one stays.
 */
public sealed interface Link extends AutoCloseable permits TcxLink, XdpLink, CgroupLink {
  LinkInfo info();

  /** Puts another program in the place of the current one; no packet meets neither or both. */
  void update(Program replacement);

  void pin(Path path);

  /** Takes the program away now, even if the link is pinned or held elsewhere. */
  void detach();

  @Override
  void close();

  /** The link pinned at a path of a bpffs. */
  static Link open(Path pin) {
    var handle = new LinkHandle(Bpf.openPin(pin));
    try {
      return switch (handle.info()) {
        case LinkInfo.Tcx tcx -> new TcxLink(handle);
        case LinkInfo.Xdp xdp -> new XdpLink(handle);
        case LinkInfo.Cgroup cgroup -> new CgroupLink(handle);
        case LinkInfo.Other other ->
            throw new LinuxException(
                "open link " + pin, Errno.EINVAL, "it is of type " + other.type());
      };
    } catch (RuntimeException e) {
      handle.close();
      throw e;
    }
  }

  /** As {@link #open}, empty if nothing is pinned there. */
  static Optional<Link> find(Path pin) {
    return Files.exists(pin) ? Optional.of(open(pin)) : Optional.empty();
  }

  /** Takes a pin away; false if there was none. */
  static boolean unpin(Path path) {
    return Bpf.unpin(path);
  }
}
