// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import io.jilium.agent.table.LoopStatus;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.Node;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the agent is and does, for those who show it. Every method returns an immutable snapshot,
 * from any thread, without blocking.
 */
public interface AgentState {
  String nodeName();

  String cluster();

  Instant started();

  /** Empty: ready; else one sentence on what the agent waits for. */
  String waitingFor();

  /** The own node as published. */
  Optional<Node> self();

  /** Sorted by name, the own one included. */
  List<Node> nodes();

  /** Sorted by id; the host and health endpoints included. */
  List<Endpoint> endpoints();

  /** Sorted by number; reserved ones included. */
  List<Identity> identities();

  /** Sorted by prefix. */
  List<IpcacheRow> ipcache();

  List<RouteStatus> routes();

  List<DeviceStatus> devices();

  List<PoolStatus> pools();

  DatapathStatus datapath();

  /** {@code kvstore} or {@code custom-resource}; empty when the node knows itself alone. */
  String sourceName();

  Connectivity connectivity();

  HealthReport health();

  List<LoopStatus> loops();

  /** {@code successfully wrote …}, or why not. */
  String cniConfig();

  /** One sentence each: what is wrong but did not stop the agent. */
  List<String> warnings();
}
