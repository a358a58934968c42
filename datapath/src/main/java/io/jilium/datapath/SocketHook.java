// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.AttachType;

/** Where the programs of sockets are attached: system calls of the processes of a cgroup. */
public enum SocketHook {
  CONNECT4(AttachType.CGROUP_INET4_CONNECT),
  CONNECT6(AttachType.CGROUP_INET6_CONNECT),
  SENDMSG4(AttachType.CGROUP_UDP4_SENDMSG),
  SENDMSG6(AttachType.CGROUP_UDP6_SENDMSG),
  RECVMSG4(AttachType.CGROUP_UDP4_RECVMSG),
  RECVMSG6(AttachType.CGROUP_UDP6_RECVMSG),
  GETPEERNAME4(AttachType.CGROUP_INET4_GETPEERNAME),
  GETPEERNAME6(AttachType.CGROUP_INET6_GETPEERNAME),
  POST_BIND4(AttachType.CGROUP_INET4_POST_BIND),
  POST_BIND6(AttachType.CGROUP_INET6_POST_BIND);

  /** The object that has all of them. */
  static final String OBJECT = "sock";

  private final AttachType type;

  SocketHook(AttachType type) {
    this.type = type;
  }

  AttachType type() {
    return type;
  }

  /** The name of the program. */
  public String program() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The file name of its link's pin. */
  String pinName() {
    return "cgroup-" + program();
  }
}
