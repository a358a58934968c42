// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the programs of sockets are loaded with.
 *
 * @param hostNetns cookie of the node's own network namespace; 0: the first one of the machine
 * @param hostOnly sockets of the node itself only
 * @param setErrno whether a refusal has its own error; without, it is EPERM
 */
public record ServiceConfig(
    long hostNetns, boolean hostOnly, boolean setErrno, ServiceSizes sizes) {
  /** Each setting by the name of its variable, as it lies in memory. */
  Map<String, byte[]> variables() {
    var all = new LinkedHashMap<String, byte[]>();
    all.put("svc_host_netns", bytes(8).putLong(hostNetns).array());
    all.put("svc_host_only", new byte[] {(byte) (hostOnly ? 1 : 0)});
    all.put("svc_set_errno", new byte[] {(byte) (setErrno ? 1 : 0)});
    all.put("svc_maglev_size", bytes(4).putInt(sizes.maglevEntries()).array());
    return all;
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.nativeOrder());
  }
}
