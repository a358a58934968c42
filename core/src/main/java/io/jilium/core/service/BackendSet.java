// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.Protocol;
import io.jilium.core.model.ServiceName;
import java.util.List;

/**
 * The backends that get new connections, shared by all frontends of a port of a service.
 *
 * @param usable sorted by address
 * @param choice what becomes of a connection: {@link Choice#BALANCE} exactly if there are usable
 *     ones
 */
public record BackendSet(Key key, List<Backend> usable, Choice choice, Algorithm algorithm) {
  /** Refuses a choice that does not fit the backends. */
  public BackendSet {
    if ((choice == Choice.BALANCE) == usable.isEmpty()) {
      throw new IllegalArgumentException(
          key + " has " + usable.size() + " backends and is to " + choice);
    }
  }

  /**
   * Whose backends these are.
   *
   * @param owner the service, or the pod of a host port
   */
  public record Key(
      ServiceName owner,
      String port,
      Protocol protocol,
      int number,
      boolean v4,
      Scope scope,
      Algorithm algorithm) {
    @Override
    public String toString() {
      return owner
          + (port.isEmpty() ? "" : ":" + port)
          + " "
          + number
          + "/"
          + protocol.text()
          + (v4 ? " IPv4 " : " IPv6 ")
          + (scope == Scope.CLUSTER ? "cluster" : "local");
    }
  }
}
