// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.agent.api.ApiServer;
import io.jilium.agent.api.NodeMaps;
import io.jilium.agent.api.Requests;
import io.jilium.agent.conntrack.ConntrackLoop;
import io.jilium.agent.endpoint.Endpoints;
import io.jilium.agent.metrics.AgentMetrics;
import io.jilium.agent.metrics.ConntrackFigures;
import io.jilium.agent.metrics.HttpEndpoints;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.monitor.RingEvents;
import io.jilium.agent.monitor.RuntimeSwitches;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.KernelClock;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the agent tells others: agent.sock with the monitor, metrics, and its health over HTTP. */
final class AgentApi implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentApi.class);

  private final AgentOptions options;
  private final Settings settings;
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();

  AgentApi(AgentOptions options, Settings settings) {
    this.options = options;
    this.settings = settings;
  }

  void serve(
      Datapath datapath,
      KernelClock clock,
      StateView state,
      Endpoints endpoints,
      ConntrackLoop conntrack) {
    var maps = NodeMaps.of(datapath, ConntrackLoop.TIMEOUTS, clock::jiffies);
    var monitor = own(monitor(datapath, clock));
    var metrics = new AgentMetrics(state, maps, monitor, () -> figures(conntrack.figures()));
    var sources = new Requests.Sources(state, endpoints, settings, maps, monitor, metrics);
    own(ApiServer.start(options.agentSocket(), new Requests(sources)));
    var http = own(new HttpEndpoints());
    if (settings.metrics().enabled()) {
      attempt(state, () -> http.serveMetrics(settings.metrics().port(), metrics));
    }
    attempt(state, () -> http.serveHealth(settings.health().port(), state));
  }

  private EventMonitor monitor(Datapath datapath, KernelClock clock) {
    return EventMonitor.start(
        new RingEvents(datapath.events(), datapath.config().sizes().eventBytes()),
        new RuntimeSwitches(datapath.runtime(), datapath.counters(), settings, clock.hz()));
  }

  private static ConntrackFigures figures(ConntrackLoop.Figures now) {
    return new ConntrackFigures(
        now.runs(), now.failures(), now.alive(), now.deleted(), now.duration(), now.interval());
  }

  /** A port that is taken must not keep pods from the network. */
  private static void attempt(StateView state, Runnable part) {
    try {
      part.run();
    } catch (RuntimeException e) {
      LOG.warn("{}", e.getMessage());
      state.warn(String.valueOf(e.getMessage()));
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    owned.push(part);
    return part;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      var part = owned.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("close {}: {}", part.getClass().getSimpleName(), e.getMessage());
      }
    }
  }
}
