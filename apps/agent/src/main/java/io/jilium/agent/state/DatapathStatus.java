// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import java.util.List;

/**
 * How packets are handled.
 *
 * @param attachMode {@code TCX} or {@code TC}
 * @param routing {@code Tunnel [vxlan]} or {@code Native}
 * @param masquerading {@code BPF [eth0] 10.244.0.0/16 [IPv4: Enabled, IPv6: Disabled]} or {@code
 *     Disabled}
 * @param deviceMtu of pods' devices
 * @param routeMtu of pods' default routes
 * @param epoch of decisions, raised by every change
 * @param overlayCapture somebody captures on the tunnel device, so all packets take it
 */
public record DatapathStatus(
    String attachMode,
    String routing,
    String masquerading,
    int deviceMtu,
    int routeMtu,
    long epoch,
    boolean overlayCapture,
    List<String> problems) {
  public DatapathStatus {
    problems = List.copyOf(problems);
  }
}
