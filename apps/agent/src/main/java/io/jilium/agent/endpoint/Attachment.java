// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What CNI calls an attachment: one interface of one container. */
public record Attachment(String containerId, String interfaceName) {
  /**
   * The name of the device on the node: {@code lxc} and 12 digits of a hash, as Cilium names it.
   */
  public String deviceName() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((containerId + ":" + interfaceName).getBytes(StandardCharsets.UTF_8));
      return "lxc" + HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return containerId + ":" + interfaceName;
  }
}
