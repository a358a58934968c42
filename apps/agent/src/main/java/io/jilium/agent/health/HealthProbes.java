// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import io.jilium.agent.state.HealthReport;
import io.jilium.agent.state.HealthReport.NodeHealth;
import io.jilium.agent.state.HealthReport.PathHealth;
import io.jilium.agent.state.HealthReport.Probe;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes every node and its health endpoint by ICMP and HTTP, at start and then in an interval that
 * grows with the cluster.
 */
public final class HealthProbes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthProbes.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  /**
   * After a change of the cluster the next round comes this soon: everything else has settled by
   * then.
   */
  private static final Duration SOON = Duration.ofSeconds(1);

  /** So soon after a failure is it asked again. */
  private static final Duration AGAIN = Duration.ofSeconds(10);

  private static final int THREADS = 8;

  /** What is probed. endpoints says whether health endpoints are. */
  public record Targets(String self, List<Node> nodes, boolean endpoints) {
    public Targets {
      nodes = List.copyOf(nodes);
    }
  }

  private final Supplier<Targets> targets;
  private final int port;
  private final ExecutorService workers;
  private final Thread loop;
  private final AtomicInteger sequence = new AtomicInteger();
  private final Object wake = new Object();
  private volatile HealthReport report;
  private boolean soon;
  private boolean closed;

  private HealthProbes(Supplier<Targets> targets, int port) {
    this.targets = targets;
    this.port = port;
    this.report = new HealthReport(true, Instant.EPOCH, HealthSchedule.interval(1), List.of());
    this.workers =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("health-probe-", 0).daemon().factory());
    this.loop = Thread.ofVirtual().name("health-probes").unstarted(this::run);
  }

  public static HealthProbes start(Supplier<Targets> targets) {
    var probes = new HealthProbes(targets, HelloServer.PORT);
    probes.loop.start();
    return probes;
  }

  public HealthReport report() {
    return report;
  }

  /** Something changed in the cluster: probe soon. */
  public void trigger() {
    synchronized (wake) {
      soon = true;
      wake.notifyAll();
    }
  }

  @Override
  public void close() {
    synchronized (wake) {
      closed = true;
      wake.notifyAll();
    }
    workers.shutdownNow();
  }

  private void run() {
    var pause = SOON;
    while (sleep(pause)) {
      try {
        var current = targets.get();
        var interval = HealthSchedule.interval(current.nodes().size());
        var results = probe(current);
        report = new HealthReport(true, Instant.now(), interval, results);
        pause = report.reachableNodes() < results.size() ? AGAIN : interval;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("health probes: {}", e.getMessage());
        pause = AGAIN;
      }
    }
  }

  /** False when closed. A trigger shortens the pause to {@link #SOON}. */
  private boolean sleep(Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    synchronized (wake) {
      while (!closed) {
        if (soon) {
          soon = false;
          end = Math.min(end, System.nanoTime() + SOON.toNanos());
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          return true;
        }
        try {
          wake.wait(left / 1_000_000 + 1);
        } catch (InterruptedException e) {
          return false;
        }
      }
      return false;
    }
  }

  private List<NodeHealth> probe(Targets current) throws InterruptedException {
    var pending = new ArrayList<PendingNode>();
    for (var node : current.nodes()) {
      var host = new ArrayList<PendingPath>();
      var endpoint = new ArrayList<PendingPath>();
      for (boolean v4 : new boolean[] {true, false}) {
        node.address(v4).ifPresent(address -> host.add(start(address)));
        if (current.endpoints()) {
          node.healthAddress(v4).ifPresent(address -> endpoint.add(start(address)));
        }
      }
      pending.add(new PendingNode(node.name(), node.name().equals(current.self()), host, endpoint));
    }
    var results = new ArrayList<NodeHealth>();
    for (var node : pending) {
      results.add(
          new NodeHealth(node.name(), node.local(), await(node.host()), await(node.endpoint())));
    }
    return results;
  }

  private PendingPath start(IpAddress address) {
    int number = sequence.incrementAndGet();
    int identifier = ThreadLocalRandom.current().nextInt(1 << 16);
    return new PendingPath(
        address,
        workers.submit(() -> IcmpProbe.run(address, identifier, number & 0xffff, TIMEOUT)),
        workers.submit(() -> HttpProbe.run(address, port, TIMEOUT)));
  }

  private static List<PathHealth> await(List<PendingPath> pending) throws InterruptedException {
    var paths = new ArrayList<PathHealth>();
    for (var path : pending) {
      paths.add(new PathHealth(path.address(), result(path.icmp()), result(path.http())));
    }
    return paths;
  }

  private static Probe result(Future<Probe> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      return new Probe.Failed(String.valueOf(e.getCause()));
    }
  }

  private record PendingNode(
      String name, boolean local, List<PendingPath> host, List<PendingPath> endpoint) {}

  private record PendingPath(IpAddress address, Future<Probe> icmp, Future<Probe> http) {}
}
