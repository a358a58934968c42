// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.agent.endpoint.CniException.Code;
import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a network namespace is, as the plugin names it.
 *
 * @param heldOpen the plugin's descriptor of it under /proc, by which it is reached although the
 *     runtime has other mounts than the agent
 */
record NetnsPath(String path, Optional<String> heldOpen) {
  /** Opens the namespace. */
  Netns open() {
    try {
      return Netns.open(Path.of(path));
    } catch (LinuxException e) {
      try {
        if (heldOpen.isPresent()) {
          return Netns.open(Path.of(heldOpen.get()));
        }
      } catch (LinuxException _) {
        // Then the first failure says it best.
      }
      var reason = e.is(Errno.ENOENT) ? "does not exist" : "is no network namespace: " + e.errno();
      throw new CniException(Code.INVALID_ENVIRONMENT, "CNI_NETNS " + path + " " + reason);
    }
  }
}
