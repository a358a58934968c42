// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

import io.jilium.wire.AgentClient;

/** Reaches the agent that the options of the whole command line mean. */
public interface AgentConnection {
  /** Connects; the caller closes. */
  AgentClient connect();
}
