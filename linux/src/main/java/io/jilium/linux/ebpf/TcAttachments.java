// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Attaches tc programs by the best means of the kernel, so that they outlive this process: pinned
 * tcx links, else clsact filters. Programs that others attached stay as they are. Devices are of
 * the calling thread's network namespace.
 */
public final class TcAttachments {
  private final boolean tcx;
  private final Clsact clsact;

  private TcAttachments(boolean tcx, Clsact clsact) {
    this.tcx = tcx;
    this.clsact = clsact;
  }

  public static TcAttachments of(KernelFeatures features, Clsact fallback) {
    return new TcAttachments(features.has(KernelFeature.TCX), fallback);
  }

  /** Uses clsact even where tcx is there. */
  public static TcAttachments clsactOnly(Clsact clsact) {
    return new TcAttachments(false, clsact);
  }

  public TcAttachment.Kind kind() {
    return tcx ? TcAttachment.Kind.TCX : TcAttachment.Kind.CLSACT;
  }

  /**
   * Makes {@code program} the one that this owner runs at the hook: replaces the program of the
   * link pinned at {@code pin} atomically, or attaches and pins anew. A pin whose device has gone,
   * or that belongs to another device, is replaced.
   */
  public TcAttachment ensure(int ifindex, TcHook hook, Program program, Path pin) {
    if (!tcx) {
      clsact.replace(ifindex, hook, program.fd(), program.fd().description());
      return new ClsactAttachment(clsact, ifindex, hook);
    }
    var existing = find(ifindex, hook, pin);
    if (existing.isPresent()) {
      return updated(existing.get(), program);
    }
    Link.unpin(pin);
    var link = TcxLink.attach(ifindex, hook, program);
    try {
      link.pin(pin);
      return link;
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
  }

  /** What {@link #ensure} made, as far as it is still attached there. */
  public Optional<TcAttachment> find(int ifindex, TcHook hook, Path pin) {
    if (!tcx) {
      return clsact.programId(ifindex, hook).isPresent()
          ? Optional.of(new ClsactAttachment(clsact, ifindex, hook))
          : Optional.empty();
    }
    var link = Link.find(pin);
    if (link.isPresent()
        && link.get() instanceof TcxLink found
        && found.info() instanceof LinkInfo.Tcx(_, _, int device, TcHook where)
        && device == ifindex
        && where == hook) {
      return Optional.of(found);
    }
    link.ifPresent(Link::close);
    return Optional.empty();
  }

  /** Undoes {@link #ensure}; false if nothing was attached. */
  public boolean remove(int ifindex, TcHook hook, Path pin) {
    if (!tcx) {
      return clsact.remove(ifindex, hook);
    }
    var link = Link.find(pin);
    link.ifPresent(l -> {
      try (l) {
        l.detach();
      }
    });
    return Link.unpin(pin);
  }

  private static TcAttachment updated(TcAttachment attachment, Program program) {
    try {
      attachment.update(program);
      return attachment;
    } catch (RuntimeException e) {
      attachment.close();
      throw e;
    }
  }
}
