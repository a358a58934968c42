// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.linux.sys.Sysctl;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The kernel parameters that pods' packets need; what they were before is kept, so that an
 * uninstall can put it back.
 */
public final class Sysctls {
  private final StateFile state;

  public Sysctls(StateFile state) {
    this.state = state;
  }

  /**
   * Those of the whole namespace. rp_filter counts as the larger of all and the device, so all must
   * be 0.
   */
  static Map<String, String> ofNode(boolean v4, boolean v6) {
    var wanted = new LinkedHashMap<String, String>();
    if (v4) {
      wanted.put("net/ipv4/ip_forward", "1");
      wanted.put("net/ipv4/conf/all/rp_filter", "0");
      wanted.put("net/ipv4/conf/default/rp_filter", "0");
    }
    if (v6) {
      wanted.put("net/ipv6/conf/all/disable_ipv6", "0");
      wanted.put("net/ipv6/conf/all/forwarding", "1");
    }
    return wanted;
  }

  /** Those of a device of ours; they go with the device. */
  static Map<String, String> ofDevice(String device, boolean v4, boolean v6) {
    var wanted = new LinkedHashMap<String, String>();
    if (v4) {
      wanted.put("net/ipv4/conf/" + device + "/forwarding", "1");
      wanted.put("net/ipv4/conf/" + device + "/rp_filter", "0");
      wanted.put("net/ipv4/conf/" + device + "/accept_local", "1");
      wanted.put("net/ipv4/conf/" + device + "/send_redirects", "0");
    }
    if (v6) {
      wanted.put("net/ipv6/conf/" + device + "/disable_ipv6", "0");
      wanted.put("net/ipv6/conf/" + device + "/forwarding", "1");
    }
    return wanted;
  }

  /**
   * Sets what differs; remember says whether the value before is kept. Returns whether anything
   * differed.
   */
  boolean apply(Map<String, String> wanted, boolean remember) {
    boolean changed = false;
    for (var entry : wanted.entrySet()) {
      var before = Sysctl.read(entry.getKey());
      if (before.isEmpty() || before.get().equals(entry.getValue())) {
        continue;
      }
      if (remember) {
        state.putIfAbsent("sysctl." + entry.getKey(), before.get());
      }
      Sysctl.write(entry.getKey(), entry.getValue());
      changed = true;
    }
    return changed;
  }

  /** Puts back what was there before the first agent. */
  public void restore() {
    state
        .startingWith("sysctl.")
        .forEach((key, value) -> Sysctl.write(key.substring("sysctl.".length()), value));
  }
}
