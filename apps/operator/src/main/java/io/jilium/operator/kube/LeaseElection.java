// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.Troubles;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one operator lead, by a Lease. Who wants to lead waits until the Lease has not changed for
 * its duration, by its own clock: clocks of machines are never compared. The leader renews it, and
 * stops before others may begin.
 */
final class LeaseElection implements AutoCloseable {
  static final String LEASE = "jilium-operator-resource-lock";
  private static final Logger LOG = LoggerFactory.getLogger(LeaseElection.class);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /** Times of the election: the lease, how long its holder trusts it, the pause between tries. */
  record Timing(Duration lease, Duration trust, Duration retry) {
    /** As Cilium's operator has them. */
    static final Timing USUAL =
        new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
  }

  private final KubeApi api;
  private final String name;
  private final String path;
  private final String collection;
  private final Timing timing;
  private final Function<Term, AutoCloseable> duties;
  private final Troubles troubles = new Troubles();
  private final Thread thread = Thread.ofVirtual().name("leader-election").unstarted(this::run);

  private String seenVersion = "";
  private long seenSince;
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile boolean answered = true;

  /**
   * Does not start yet.
   *
   * @param duties starts the leader's work; closed as soon as leadership is lost
   */
  LeaseElection(
      KubeApi api,
      String namespace,
      String name,
      Timing timing,
      Function<Term, AutoCloseable> duties) {
    this.api = api;
    this.name = name;
    this.path = Resource.LEASES.pathIn(namespace, LEASE);
    this.collection = Resource.LEASES.pathIn(namespace);
    this.timing = timing;
    this.duties = duties;
  }

  void start() {
    thread.start();
  }

  boolean isLeading() {
    return leading;
  }

  /** Whether the API server answered the last question. */
  boolean isHealthy() {
    return answered;
  }

  private void run() {
    while (!closed) {
      try {
        campaign();
        answers();
      } catch (KubeException e) {
        said(e);
      } catch (RuntimeException e) {
        LOG.error("leader election", e);
      }
      pause();
    }
  }

  private void answers() {
    if (!answered) {
      answered = true;
      LOG.info("the API server answers again");
    }
  }

  private void said(KubeException e) {
    if (e.isAway()) {
      if (answered) {
        answered = false;
        LOG.warn("the API server does not answer: {}", e.getMessage());
      }
      return;
    }
    answers();
    if (!e.isConflict() && !e.isAlreadyThere()) {
      troubles.seen(Resource.LEASES, "update", e);
    }
  }

  private void pause() {
    try {
      Thread.sleep(timing.retry());
    } catch (InterruptedException _) {
      closed = true;
    }
  }

  private void campaign() {
    JsonNode lease;
    long asked = System.nanoTime();
    try {
      lease = api.get(path);
    } catch (KubeException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      lead(asked, api.create(collection, lease(KubeApi.JSON.createObjectNode())));
      return;
    }
    String holder = lease.path("spec").path("holderIdentity").asText("");
    String version = lease.path("metadata").path("resourceVersion").asText("");
    if (!version.equals(seenVersion)) {
      seenVersion = version;
      seenSince = System.nanoTime();
    }
    Duration duration =
        Duration.ofSeconds(lease.path("spec").path("leaseDurationSeconds").asLong(0));
    if (holder.isEmpty()
        || holder.equals(name)
        || System.nanoTime() - seenSince >= duration.toNanos()) {
      asked = System.nanoTime();
      lead(asked, api.replace(path, lease((ObjectNode) lease), timing.trust()));
    }
    troubles.none(Resource.LEASES, "update");
  }

  /** The Lease as it is, held by this operator from now on. */
  private ObjectNode lease(ObjectNode lease) {
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.withObject("metadata").put("name", LEASE);
    ObjectNode spec = lease.withObject("spec");
    String now = MICROS.format(Instant.now());
    if (!name.equals(spec.path("holderIdentity").asText(""))) {
      spec.put("acquireTime", now);
      spec.put("leaseTransitions", spec.path("leaseTransitions").asInt(-1) + 1);
    }
    spec.put("holderIdentity", name);
    spec.put("leaseDurationSeconds", (int) timing.lease().toSeconds());
    spec.put("renewTime", now);
    return lease;
  }

  private void lead(long asked, JsonNode held) {
    LOG.info("{} leads", name);
    leading = true;
    var term = new Term(timing.trust(), asked);
    AutoCloseable work = duties.apply(term);
    JsonNode last = held;
    try {
      last = keep(term, held);
    } finally {
      term.end();
      leading = false;
      LOG.info("{} leads no more", name);
      close(work);
      if (closed) {
        resign(last);
      }
    }
  }

  private static void close(AutoCloseable work) {
    try {
      work.close();
    } catch (Exception e) {
      LOG.error("stopping the leader's work", e);
    }
  }

  /** Returns when leadership is lost or may be lost; with the Lease as it was last written. */
  private JsonNode keep(Term term, JsonNode held) {
    JsonNode lease = held;
    while (!closed && !term.isOver()) {
      pause();
      long asked = System.nanoTime();
      try {
        lease = api.replace(path, lease((ObjectNode) lease), timing.retry().multipliedBy(2));
        term.renewed(asked);
        answers();
      } catch (KubeException e) {
        if (e.isConflict() && isMine(term)) {
          lease = api.get(path);
        } else if (e.isConflict() || e.isNotFound()) {
          return lease;
        } else {
          said(e);
        }
      }
    }
    return lease;
  }

  /** Somebody changed the Lease: its labels perhaps, and not its holder. */
  private boolean isMine(Term term) {
    try {
      return !term.isOver()
          && api.get(path).path("spec").path("holderIdentity").asText("").equals(name);
    } catch (KubeException _) {
      return false;
    }
  }

  /** Lets the next one lead at once. */
  private void resign(JsonNode held) {
    boolean interrupted = Thread.interrupted();
    try {
      ObjectNode lease = lease((ObjectNode) held);
      lease.withObject("spec").put("holderIdentity", "").put("leaseDurationSeconds", 1);
      var _ = api.replace(path, lease, timing.retry());
    } catch (KubeException e) {
      LOG.debug("resigning: {}", e.getMessage());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
