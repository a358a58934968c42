// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.TcHook;
import java.util.Locale;
import java.util.Optional;

/** Where each program is attached. */
public enum Hook {
  /** Packets that a pod sends: ingress of its host-side device. */
  FROM_POD("from_pod", "from_pod", TcHook.INGRESS),
  /** Packets that come in from the underlay. */
  FROM_NETDEV("netdev", "from_netdev", TcHook.INGRESS),
  /** Packets of the node and the kernel that go out to the underlay. */
  TO_NETDEV("netdev", "to_netdev", TcHook.EGRESS),
  /** Packets that the node routes to cilium_host: its egress. */
  FROM_HOST("host", "from_host", TcHook.EGRESS),
  /** Packets that come out of cilium_vxlan. */
  FROM_OVERLAY("overlay", "from_overlay", TcHook.INGRESS),
  /** Packets that come in from the underlay, before the stack has them: XDP. */
  XDP_NETDEV("xdp", "xdp_netdev");

  private final String object;
  private final String program;
  private final Optional<TcHook> place;

  Hook(String object, String program, TcHook place) {
    this.object = object;
    this.program = program;
    this.place = Optional.of(place);
  }

  Hook(String object, String program) {
    this.object = object;
    this.program = program;
    this.place = Optional.empty();
  }

  /** The name of the object file, without its ending. */
  String object() {
    return object;
  }

  /** The name of the program. */
  public String program() {
    return program;
  }

  /** {@code ingress} or {@code egress} of its device. */
  public String direction() {
    return place.orElse(TcHook.INGRESS).name().toLowerCase(Locale.ROOT);
  }

  boolean isXdp() {
    return place.isEmpty();
  }

  /** Where tc runs it. */
  TcHook place() {
    return place.orElseThrow();
  }
}
