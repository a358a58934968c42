// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.conntrack.ConntrackFigures;
import io.jilium.agent.endpoint.Endpoints;
import io.jilium.agent.metrics.AgentMetrics;
import io.jilium.agent.metrics.HttpEndpoints;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.monitor.Kernel;
import io.jilium.agent.monitor.NodeMaps;
import io.jilium.agent.monitor.RingEvents;
import io.jilium.agent.monitor.RuntimeSwitches;
import io.jilium.agent.service.ServiceView;
import io.jilium.agent.state.AgentState;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.ConntrackTimeouts;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.Jiffies;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How people and machines look into the agent: agent.sock, metrics and healthz. Open from the
 * start, so that an agent that waits can say what for; what the kernel shows is added when programs
 * are loaded.
 */
public final class AgentInterfaces implements AutoCloseable {
  private final Settings settings;
  private final HttpEndpoints http = new HttpEndpoints();
  private final AgentMetrics metrics;
  private final ApiServer api;
  private volatile Optional<Kernel> kernel = Optional.empty();
  private volatile Optional<ServiceView> services = Optional.empty();

  private AgentInterfaces(Path socket, Settings settings, AgentState state, Endpoints endpoints) {
    this.settings = settings;
    this.metrics = new AgentMetrics(state, this::kernel, () -> services);
    this.api =
        ApiServer.start(
            socket,
            new Requests(
                new Requests.Sources(
                    state, endpoints, settings, this::kernel, metrics, () -> services)));
  }

  /**
   * Starts to answer.
   *
   * @param socket agent.sock
   * @param warn gets a sentence for each port that is taken; the agent can do without
   */
  public static AgentInterfaces open(
      Path socket,
      Settings settings,
      AgentState state,
      Endpoints endpoints,
      Consumer<String> warn) {
    var interfaces = new AgentInterfaces(socket, settings, state, endpoints);
    if (settings.metrics().enabled()) {
      serve(
          () -> interfaces.http.serveMetrics(settings.metrics().port(), interfaces.metrics), warn);
    }
    serve(() -> interfaces.http.serveHealth(settings.health().port(), state), warn);
    return interfaces;
  }

  /**
   * Programs are loaded: their maps can be shown, and their events are read from now on.
   *
   * @param clock reads the kernel's tick counter
   */
  public void loaded(
      Datapath datapath, Supplier<Jiffies> clock, Supplier<ConntrackFigures> conntrack) {
    var monitor =
        EventMonitor.start(
            new RingEvents(datapath.events(), datapath.config().sizes().eventBytes()),
            new RuntimeSwitches(
                datapath.runtime(), datapath.counters(), settings, clock.get().hz()));
    kernel =
        Optional.of(
            new Kernel(
                NodeMaps.of(datapath, ConntrackTimeouts.DEFAULT, clock), monitor, conntrack));
  }

  /** Services are balanced here: they can be shown from now on. */
  public void services(ServiceView view) {
    services = Optional.of(view);
  }

  private Optional<Kernel> kernel() {
    return kernel;
  }

  private static void serve(Runnable start, Consumer<String> warn) {
    try {
      start.run();
    } catch (UncheckedIOException e) {
      warn.accept(String.valueOf(e.getMessage()));
    }
  }

  /** Before the datapath is closed. */
  @Override
  public void close() {
    api.close();
    http.close();
    kernel.ifPresent(loaded -> loaded.monitor().close());
  }
}
