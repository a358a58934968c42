// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.settings.Settings;
import io.jilium.operator.kube.Rows.EndpointRow;
import io.jilium.operator.kube.Rows.IdentityRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * No CiliumIdentity stays that no endpoint has had for a long time. One that was unused for the
 * heartbeat timeout is marked; one that is still marked, unused and unchanged in a later run is
 * removed. An agent that takes an identity up again changes it or its endpoints, and so keeps it.
 */
final class IdentityCollection implements Duty {
  static final String MARK = "io.cilium.heartbeat";
  private static final Logger LOG = LoggerFactory.getLogger(IdentityCollection.class);

  private final Table<IdentityRow> identities;
  private final Table<EndpointRow> endpoints;
  private final Writer writer;
  private final OperatorMetrics metrics;
  private final Duration interval;
  private final Patience unused;
  private final Patience marked;
  private long last = System.nanoTime();

  IdentityCollection(
      Table<IdentityRow> identities,
      Table<EndpointRow> endpoints,
      Writer writer,
      OperatorMetrics metrics,
      Settings.Operator settings) {
    this.identities = identities;
    this.endpoints = endpoints;
    this.writer = writer;
    this.metrics = metrics;
    this.interval = settings.identityGcInterval();
    this.unused = new Patience(settings.identityHeartbeatTimeout(), System::nanoTime);
    this.marked = new Patience(interval, System::nanoTime);
  }

  @Override
  public String name() {
    return "collection of CiliumIdentities";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(identities, endpoints);
  }

  @Override
  public Duration period() {
    return Duration.ofSeconds(1);
  }

  @Override
  public void work() {
    Set<String> idle = new HashSet<>(identities.rows().keySet());
    for (EndpointRow endpoint : endpoints.values()) {
      idle.remove(Long.toString(endpoint.identity()));
    }
    unmark(idle);
    List<String> overdue = unused.over(idle);
    Set<String> candidates = new HashSet<>();
    for (String name : overdue) {
      IdentityRow row = identities.rows().get(name);
      if (row != null && row.marked()) {
        // The version is part of it: a change in between starts the wait anew.
        candidates.add(name + "@" + row.version());
      }
    }
    List<String> dead = marked.over(candidates);
    if (System.nanoTime() - last < interval.toNanos()) {
      return;
    }
    last = System.nanoTime();
    overdue.forEach(this::mark);
    int removed = (int) dead.stream().filter(this::remove).count();
    metrics.identitiesCollected(identities.rows().size(), removed);
  }

  private void unmark(Set<String> idle) {
    for (IdentityRow row : List.copyOf(identities.values())) {
      if (row.marked() && !idle.contains(row.name())) {
        write(row, Optional.empty());
      }
    }
  }

  private void mark(String name) {
    IdentityRow row = identities.rows().get(name);
    if (row != null && !row.marked()) {
      write(row, Optional.of(Instant.now().toString()));
    }
  }

  private void write(IdentityRow row, Optional<String> mark) {
    ObjectNode patch = Writer.patch(row.version());
    ObjectNode annotations = patch.withObject("metadata").putObject("annotations");
    mark.ifPresentOrElse(text -> annotations.put(MARK, text), () -> annotations.putNull(MARK));
    Optional<JsonNode> written =
        writer.merge(
            Resource.CILIUM_IDENTITIES, Resource.CILIUM_IDENTITIES.path(row.name()), patch);
    written.ifPresent(identities::put);
  }

  private boolean remove(String candidate) {
    int at = candidate.indexOf('@');
    String name = candidate.substring(0, at);
    boolean gone =
        writer.delete(
            Resource.CILIUM_IDENTITIES,
            Resource.CILIUM_IDENTITIES.path(name),
            candidate.substring(at + 1));
    if (gone) {
      LOG.info("identity {} had no user", name);
      identities.remove(name);
    }
    return gone;
  }
}
