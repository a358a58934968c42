// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.etcd;

import io.jilium.core.ipam.NodeCidrs;
import io.jilium.core.settings.Settings;
import io.jilium.operator.serve.ClusterPools;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.etcd.CiliumNodeState;
import io.jilium.source.etcd.CiliumNodes;
import io.jilium.source.etcd.CiliumNodes.Event;
import io.jilium.source.etcd.Condition;
import io.jilium.source.etcd.Etcd;
import io.jilium.source.etcd.EtcdException;
import io.jilium.source.etcd.IdentityGarbage;
import io.jilium.source.etcd.KeyWatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leading operator does, on one thread: gives nodes their pod CIDRs, forgets nodes that
 * are gone, removes identities that nobody uses. Nothing is decided before all nodes are known.
 */
final class Duties implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Duties.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  private final Settings settings;
  private final CiliumNodes ciliumNodes;
  private final IdentityGarbage garbage;
  private final Condition term;
  private final OperatorMetrics metrics;
  private final Optional<NodeCidrs> cidrs;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final List<KeyWatcher> watchers = new ArrayList<>();
  private final Thread thread = Thread.ofVirtual().name("operator").unstarted(this::run);

  private final Map<String, CiliumNodeState> nodes = new HashMap<>();
  private final Set<String> alive = new HashSet<>();
  private final Map<String, Long> silentSince = new HashMap<>();
  private final Map<Integer, Long> unusedSince = new HashMap<>();
  private boolean nodesSynced;
  private boolean aliveSynced;
  private boolean changed;
  private long lastCollection = System.nanoTime();
  private volatile boolean closed;

  private Duties(Etcd etcd, Settings settings, Condition term, OperatorMetrics metrics) {
    this.settings = settings;
    this.ciliumNodes = new CiliumNodes(etcd);
    this.garbage = new IdentityGarbage(etcd);
    this.term = term;
    this.metrics = metrics;
    this.cidrs =
        settings.ipam().mode() == Settings.IpamMode.CLUSTER_POOL
            ? Optional.of(ClusterPools.of(settings))
            : Optional.empty();
  }

  /** Starts the work of one term. */
  static Duties start(Etcd etcd, Settings settings, Condition term, OperatorMetrics metrics) {
    var duties = new Duties(etcd, settings, term, metrics);
    duties.watchers.add(duties.ciliumNodes.followNodes(duties.events::add));
    duties.watchers.add(
        duties.ciliumNodes.followAlive(settings.cluster().name(), duties.events::add));
    duties.thread.start();
    return duties;
  }

  private void run() {
    while (!closed) {
      try {
        Event first = events.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
        List<Event> batch = new ArrayList<>();
        if (first != null) {
          batch.add(first);
          events.drainTo(batch);
        }
        batch.forEach(this::apply);
        if (nodesSynced && aliveSynced) {
          work();
        }
      } catch (InterruptedException _) {
        return;
      } catch (EtcdException e) {
        LOG.warn("{}", e.getMessage());
        changed = true;
      } catch (RuntimeException e) {
        LOG.error("operator", e);
        changed = true;
      }
    }
  }

  private void apply(Event event) {
    switch (event) {
      case Event.Changed(CiliumNodeState node) -> {
        nodes.put(node.name(), node);
        changed = true;
      }
      case Event.Gone(String name) -> {
        nodes.remove(name);
        silentSince.remove(name);
        cidrs.ifPresent(pools -> pools.release(name));
        changed = true;
      }
      case Event.Alive(String name) -> alive.add(name);
      case Event.Silent(String name) -> alive.remove(name);
      case Event.NodesSynced() -> {
        nodesSynced = true;
        changed = true;
      }
      case Event.AliveSynced() -> aliveSynced = true;
    }
  }

  private void work() {
    if (changed) {
      changed = false;
      assign();
    }
    forgetGoneNodes();
    if (elapsed(lastCollection, settings.operator().identityGcInterval())) {
      lastCollection = System.nanoTime();
      collectIdentities();
    }
    metrics.nodes(
        nodes.size(),
        (int) nodes.values().stream().filter(node -> !node.error().isEmpty()).count());
  }

  private static NodeCidrs.Node view(CiliumNodeState node) {
    return new NodeCidrs.Node(node.name(), node.podCidrs(), node.error());
  }

  private static boolean elapsed(long since, Duration duration) {
    return System.nanoTime() - since >= duration.toNanos();
  }

  private void assign() {
    if (cidrs.isEmpty()) {
      return;
    }
    for (NodeCidrs.Assignment assignment :
        cidrs.get().assign(nodes.values().stream().map(Duties::view).toList())) {
      if (closed) {
        return;
      }
      if (assignment.isChange()) {
        write(assignment);
      }
    }
    metrics.pool("ipv4", cidrs.get().used(true), cidrs.get().capacity(true));
    metrics.pool("ipv6", cidrs.get().used(false), cidrs.get().capacity(false));
  }

  private void write(NodeCidrs.Assignment assignment) {
    @Nullable CiliumNodeState node = nodes.get(assignment.node().name());
    if (node == null) {
      return;
    }
    if (!ciliumNodes.assign(node, assignment.podCidrs(), assignment.error(), term)) {
      // Changed meanwhile: the watcher brings the new state, and with it the next try.
      return;
    }
    if (assignment.error().isEmpty()) {
      LOG.info("node {} has pod CIDRs {}", node.name(), assignment.podCidrs());
    } else {
      LOG.error("node {}: {}", node.name(), assignment.error());
    }
    metrics.allocated(assignment.error().isEmpty());
  }

  private void forgetGoneNodes() {
    for (CiliumNodeState node : List.copyOf(nodes.values())) {
      if (alive.contains(node.name())) {
        silentSince.remove(node.name());
        continue;
      }
      long since = silentSince.computeIfAbsent(node.name(), name -> System.nanoTime());
      if (elapsed(since, settings.jilium().nodeGracePeriod())
          && ciliumNodes.remove(node, settings.cluster().name(), term)) {
        LOG.info("node {} is gone: its pod CIDRs {} are free", node.name(), node.podCidrs());
        metrics.nodeRemoved();
      }
    }
  }

  private void collectIdentities() {
    IdentityGarbage.Survey survey = garbage.survey();
    unusedSince.keySet().retainAll(survey.unused().keySet());
    int removed = 0;
    for (Map.Entry<Integer, String> identity : survey.unused().entrySet()) {
      long since = unusedSince.computeIfAbsent(identity.getKey(), id -> System.nanoTime());
      if (elapsed(since, settings.operator().identityHeartbeatTimeout())
          && garbage.remove(identity.getKey(), identity.getValue(), term)) {
        LOG.info("identity {} had no user: {}", identity.getKey(), identity.getValue());
        unusedSince.remove(identity.getKey());
        removed++;
      }
    }
    metrics.identitiesCollected(survey.total() - removed, removed);
  }

  @Override
  public void close() {
    closed = true;
    watchers.forEach(KeyWatcher::close);
    thread.interrupt();
  }
}
