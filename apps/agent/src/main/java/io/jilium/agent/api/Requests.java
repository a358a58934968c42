// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.endpoint.Endpoints;
import io.jilium.agent.metrics.AgentMetrics;
import io.jilium.agent.monitor.Kernel;
import io.jilium.agent.service.ServiceView;
import io.jilium.agent.state.AgentState;
import io.jilium.core.settings.Settings;
import io.jilium.wire.JiliumVersion;
import io.jilium.wire.agent.Config;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.FlowFlushed;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.MetricList;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.Setting;
import io.jilium.wire.agent.Version;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.PatternSyntaxException;

/** Answers every request of the agent's API from snapshots and from the kernel's maps. */
public final class Requests implements Conversation {
  private final Settings settings;
  private final AgentMetrics metrics;
  private final StatusMessages status;
  private final TableMessages tables;
  private final Supplier<Optional<Kernel>> kernel;
  private final AgentState state;
  private final Whereabouts whereabouts;
  private final ServiceMessages services;

  /** What requests are answered from; every part may be read from any thread. */
  public record Sources(
      AgentState state,
      Endpoints endpoints,
      Settings settings,
      Supplier<Optional<Kernel>> kernel,
      AgentMetrics metrics,
      Supplier<Optional<ServiceView>> services) {}

  public Requests(Sources sources) {
    this.settings = sources.settings();
    this.metrics = sources.metrics();
    this.status = new StatusMessages(sources);
    this.tables = new TableMessages(sources.state(), sources.endpoints());
    this.kernel = sources.kernel();
    this.state = sources.state();
    this.whereabouts = new Whereabouts(sources.state());
    this.services = new ServiceMessages(sources.services());
  }

  @Override
  public void answer(Request request, Client client) throws IOException, InterruptedException {
    switch (request.getRequestCase()) {
      case VERSION -> client.send(Response.newBuilder().setVersion(version()).build());
      case STATUS ->
          client.send(
              Response.newBuilder()
                  .setStatus(status.status(request.getStatus().getVerbose()))
                  .build());
      case HEALTH -> client.send(Response.newBuilder().setHealth(status.health()).build());
      case ENDPOINT_LIST -> tables.endpoints(request.getEndpointList(), client);
      case NODE_LIST -> tables.nodes(client);
      case IDENTITY_LIST -> tables.identities(request.getIdentityList(), client);
      case ADDRESS_LIST -> tables.addresses(client);
      case CONFIG -> client.send(Response.newBuilder().setConfig(config()).build());
      case METRIC_LIST ->
          client.send(
              Response.newBuilder()
                  .setMetrics(metrics(request.getMetricList().getPattern()))
                  .build());
      case SERVICE_LIST -> services.list(request.getServiceList(), client);
      case SERVICE_EXPLAIN -> services.explain(request.getServiceExplain(), client);
      case MAP_DUMP -> dump(request.getMapDump().getMap(), client);
      case FLOW_FLUSH ->
          client.send(
              Response.newBuilder()
                  .setFlowFlushed(FlowFlushed.newBuilder().setEntries(dumps().flush()))
                  .build());
      case MONITOR -> monitor().serve(request.getMonitor(), client);
      case REQUEST_NOT_SET ->
          throw new Refusal(
              Error.Kind.UNSUPPORTED,
              "the agent is of version %s and does not know this request"
                  .formatted(JiliumVersion.text()));
    }
  }

  private void dump(MapDumpRequest.Map map, Client client) throws IOException {
    if (!services.dump(map, client)) {
      dumps().dump(map, client);
    }
  }

  private MapDumps dumps() {
    return new MapDumps(loaded().maps());
  }

  private MonitorSessions monitor() {
    return new MonitorSessions(loaded().monitor(), whereabouts);
  }

  private Kernel loaded() {
    return kernel
        .get()
        .orElseThrow(() ->
            new Refusal(
                Error.Kind.UNAVAILABLE, "no programs are loaded yet: " + state.waitingFor()));
  }

  private static Version version() {
    return Version.newBuilder()
        .setVersion(JiliumVersion.text())
        .setJava(Runtime.version().toString())
        .setPlatform(JiliumVersion.platform())
        .build();
  }

  private Config config() {
    var config = Config.newBuilder();
    for (Settings.Entry entry : settings.entries()) {
      config.addSettings(
          Setting.newBuilder()
              .setName(entry.path())
              .setValue(entry.value())
              .setChanged(entry.set())
              .setMeaning(entry.meaning()));
    }
    return config.build();
  }

  private MetricList metrics(String pattern) {
    try {
      return MetricList.newBuilder().addAllMetrics(metrics.list(pattern)).build();
    } catch (PatternSyntaxException e) {
      throw new Refusal(
          Error.Kind.BAD_REQUEST,
          "\"%s\" is no regular expression: %s".formatted(pattern, e.getDescription()));
    }
  }
}
