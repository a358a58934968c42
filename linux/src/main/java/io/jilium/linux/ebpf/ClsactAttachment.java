// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;

/** A program in a clsact filter. The filter holds it; there is no descriptor and no pin. */
public final class ClsactAttachment implements TcAttachment {
  private final Clsact clsact;
  private final int ifindex;
  private final TcHook hook;

  ClsactAttachment(Clsact clsact, int ifindex, TcHook hook) {
    this.clsact = clsact;
    this.ifindex = ifindex;
    this.hook = hook;
  }

  @Override
  public Kind kind() {
    return Kind.CLSACT;
  }

  @Override
  public int programId() {
    return clsact
        .programId(ifindex, hook)
        .orElseThrow(() -> new LinuxException("look up " + this, Errno.ENOENT));
  }

  @Override
  public void update(Program replacement) {
    clsact.replace(ifindex, hook, replacement.fd(), replacement.fd().description());
  }

  @Override
  public void detach() {
    clsact.remove(ifindex, hook);
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "clsact filter, " + hook + " of ifindex " + ifindex;
  }
}
