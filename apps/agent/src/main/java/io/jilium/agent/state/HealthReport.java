// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import io.jilium.core.model.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What the last round of node-to-node probes found. Instant.EPOCH: there was none yet. */
public record HealthReport(
    boolean enabled, Instant time, Duration interval, List<NodeHealth> nodes) {
  public static final HealthReport DISABLED =
      new HealthReport(false, Instant.EPOCH, Duration.ZERO, List.of());

  /** The own node included. */
  public record NodeHealth(
      String node, boolean local, List<PathHealth> host, List<PathHealth> endpoint) {
    public NodeHealth {
      host = List.copyOf(host);
      endpoint = List.copyOf(endpoint);
    }

    public boolean reachable() {
      return host.stream().allMatch(PathHealth::reachable)
          && endpoint.stream().allMatch(PathHealth::reachable);
    }
  }

  public record PathHealth(IpAddress address, Probe icmp, Probe http) {
    public boolean reachable() {
      return icmp instanceof Probe.Answered && http instanceof Probe.Answered;
    }
  }

  public sealed interface Probe {
    record Answered(Duration latency) implements Probe {}

    record Failed(String error) implements Probe {}

    record NotYet() implements Probe {}
  }

  public HealthReport {
    nodes = List.copyOf(nodes);
  }

  public long reachableNodes() {
    return nodes.stream().filter(NodeHealth::reachable).count();
  }
}
