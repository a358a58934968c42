// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Node;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PolicyObject;
import io.jilium.core.source.Backoff;
import io.jilium.core.source.EventPump;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster in etcd. One thread ({@code etcd-own}) keeps the lease and writes what is published;
 * a watcher per topic follows what others write. While etcd is away everything published gathers in
 * memory.
 */
public final class EtcdStore implements ClusterStore {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdStore.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private final EtcdStoreOptions options;
  private final Etcd etcd;
  private final OwnKeys keys = new OwnKeys();
  private final OwnCiliumNode ciliumNode;
  private final OwnNode ownNode;
  private final IdentityIndex index;
  private final IdentityAllocator identities;
  private final Map<Integer, List<IpAddress>> published = new ConcurrentHashMap<>();
  private final Semaphore wake = new Semaphore(0);
  private final List<AutoCloseable> running = new CopyOnWriteArrayList<>();
  private final Thread own = Thread.ofVirtual().name("etcd-own").unstarted(this::run);

  private volatile Connectivity connectivity = new Connectivity.Away(Instant.now(), "not started");
  private volatile Consumer<ClusterEvent> events = event -> {};
  private volatile boolean closed;
  private volatile boolean sweep;

  // Of the own thread alone.
  private long lease;
  private long keptAt;
  private long heardAt;

  private EtcdStore(EtcdStoreOptions options) {
    this.options = options;
    this.etcd = Etcd.connect(options.endpoints());
    this.ciliumNode = new OwnCiliumNode(options.node());
    this.ownNode = new OwnNode(this::publish);
    this.index = new IdentityIndex(options.clusterId());
    this.identities =
        new IdentityAllocator(
            options.node(), index, new SplittableRandom(), event -> events.accept(event));
  }

  /** Prepares the store; nothing is sent before {@link #start}. */
  public static EtcdStore create(EtcdStoreOptions options) {
    return new EtcdStore(options);
  }

  /** The connection, for the resources beside the vocabulary. */
  public Etcd connection() {
    return etcd;
  }

  @Override
  public String sourceName() {
    return "kvstore";
  }

  @Override
  public void start(Consumer<List<ClusterEvent>> listener) {
    var pump = new EventPump(listener);
    events = pump::add;
    var followers = new Followers(pump::add, this::lost);
    own.start();
    Thread pumping = Thread.ofVirtual().name("etcd-events").start(pump);
    running.add(pumping::interrupt);
    follow(Layout.NODES, followers.nodes());
    follow(Layout.IDENTITIES, followers.identities(index));
    follow(Layout.ADDRESSES, followers.addresses());
    follow(Layout.NAMESPACES, followers.namespaces());
    follow(Layout.PODS, followers.pods(options.node()));
    if (options.services()) {
      follow(Layout.SERVICES, followers.services());
      follow(Layout.ENDPOINT_SLICES, followers.endpointSlices());
    }
    for (var kind : PolicyObject.Kind.values()) {
      follow(Layout.policies(kind), followers.policies(kind));
    }
    String key = Layout.KUBERNETES_NODES + options.node();
    follow(key, followers.labels(key, ownNode::labelled));
    if (options.cidrsFromKubernetes()) {
      follow(key, followers.podCidrs(key, ResourceJson::assignedByKubernetes));
    } else {
      follow(
          ciliumNode.key(), followers.podCidrs(ciliumNode.key(), ResourceJson::assignedByCilium));
    }
  }

  private void follow(String prefix, KeyWatcher.Follower follower) {
    running.add(KeyWatcher.start(etcd, prefix, follower));
  }

  private void lost(String key) {
    if (key.equals(ciliumNode.key())) {
      ciliumNode.lost();
      wake.release();
    } else if (keys.lost(key)) {
      LOG.warn("somebody removed {}: writing it again", key);
      wake.release();
    }
  }

  @Override
  public Connectivity connectivity() {
    return connectivity;
  }

  /** Nothing: who may connect may do everything. */
  @Override
  public List<String> troubles() {
    return List.of();
  }

  @Override
  public void publishNode(Node node) {
    ownNode.known(node);
  }

  private void publish(Node node) {
    ciliumNode.publish(node);
    keys.publish(Layout.node(options.cluster(), node.name()), NodeJson.write(node));
    wake.release();
  }

  @Override
  public void publishEndpoint(Endpoint endpoint, IpAddress host) {
    List<IpAddress> before = published.put(endpoint.id(), endpoint.addresses());
    if (before != null) {
      before.stream()
          .filter(address -> !endpoint.addresses().contains(address))
          .forEach(this::withdrawAddress);
    }
    for (IpAddress address : endpoint.addresses()) {
      publishAddress(new IpMapping(address, host, endpoint.identity(), endpoint.pod(), 0));
    }
  }

  @Override
  public void withdrawEndpoint(int id) {
    List<IpAddress> before = published.remove(id);
    if (before != null) {
      before.forEach(this::withdrawAddress);
    }
  }

  /** The watch is as fast as a request. */
  @Override
  public void lookUp(PodName pod) {}

  void publishAddress(IpMapping mapping) {
    keys.publish(
        Layout.address(options.cluster(), mapping.address()), IpMappingJson.write(mapping));
    wake.release();
  }

  void withdrawAddress(IpAddress address) {
    keys.withdraw(Layout.address(options.cluster(), address));
    wake.release();
  }

  @Override
  public CompletableFuture<Identity> allocateIdentity(Labels labels) {
    CompletableFuture<Identity> identity = identities.allocate(labels);
    wake.release();
    return identity;
  }

  @Override
  public void releaseIdentity(Labels labels) {
    identities.release(labels);
    wake.release();
  }

  @Override
  public void removeLeftovers() {
    sweep = true;
    wake.release();
  }

  /** Whether everything published so far stands in etcd. */
  public boolean isWritten() {
    return connectivity instanceof Connectivity.Connected
        && keys.isWritten()
        && ciliumNode.isWritten()
        && identities.isWritten()
        && !sweep;
  }

  private void run() {
    var backoff = new Backoff();
    while (!closed) {
      Duration pause = HEARTBEAT;
      try {
        work();
        backoff.reset();
      } catch (EtcdException e) {
        pause = backoff.next();
        failed(e);
      } catch (RuntimeException e) {
        pause = backoff.next();
        LOG.error("publishing to etcd", e);
      }
      try {
        // After a failure, requests wait too: they would fail alike.
        if (pause.equals(HEARTBEAT)) {
          var _ = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        } else {
          Thread.sleep(pause);
        }
        wake.drainPermits();
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void failed(EtcdException e) {
    if (e.isLeaseGone()) {
      LOG.warn("the lease has run out: publishing everything again");
      lease = 0;
      return;
    }
    heardAt = 0;
    if (e.isAway()) {
      String error = String.valueOf(e.getMessage());
      if (connectivity instanceof Connectivity.Connected) {
        LOG.warn("etcd is away: {}", error);
        connect(new Connectivity.Away(Instant.now(), error));
      } else if (connectivity instanceof Connectivity.Away(Instant since, String before)
          && !before.equals(error)) {
        connect(new Connectivity.Away(since, error));
      }
    } else {
      LOG.error("etcd refused: {}", e.getMessage());
    }
  }

  private void connect(Connectivity now) {
    connectivity = now;
    events.accept(new ClusterEvent.ConnectivityChanged(now));
  }

  private void work() {
    if (older(heardAt, HEARTBEAT)) {
      String version = etcd.version();
      heardAt = System.nanoTime();
      if (!(connectivity instanceof Connectivity.Connected)) {
        LOG.info("etcd {} {} answers", version, options.endpoints());
        connect(
            new Connectivity.Connected(
                Instant.now(), "etcd " + version + " " + options.endpoints()));
      }
    }
    keepLease();
    ciliumNode.work(etcd);
    identities.work(etcd, lease);
    keys.flush(etcd, lease);
    if (sweep) {
      sweep();
      sweep = false;
    }
  }

  private static boolean older(long nanoTime, Duration age) {
    return nanoTime == 0 || System.nanoTime() - nanoTime >= age.toNanos();
  }

  private void keepLease() {
    Duration interval = options.lease().dividedBy(3);
    if (lease != 0
        && older(
            keptAt,
            interval.compareTo(Duration.ofSeconds(10)) < 0 ? interval : Duration.ofSeconds(10))) {
      if (etcd.keepAlive(lease)) {
        keptAt = System.nanoTime();
      } else {
        LOG.warn("lease {} has run out: publishing everything again", Long.toHexString(lease));
        lease = 0;
      }
    }
    if (lease == 0) {
      boolean another = keptAt != 0;
      lease = etcd.grant(options.lease());
      keptAt = System.nanoTime();
      keys.allLost();
      identities.allLost();
      if (another) {
        doubtAll();
      }
    }
  }

  /** A lease that vanished may mean that the whole store did. */
  private void doubtAll() {
    ciliumNode.lost();
    for (AutoCloseable part : running) {
      if (part instanceof KeyWatcher watcher) {
        watcher.doubt();
      }
    }
  }

  /**
   * A former run's keys are bound to a former lease; those that name this node and are not wanted
   * go now.
   */
  private void sweep() {
    Optional<KeyValue> self = etcd.get(Layout.node(options.cluster(), options.node()));
    List<IpAddress> own =
        self.map(
                kv -> NodeJson.read(kv.value()).addresses().stream().map(a -> a.address()).toList())
            .orElse(List.of());
    for (KeyValue entry : etcd.list(Layout.ADDRESSES + options.cluster() + "/").entries()) {
      if (entry.lease() != lease && !keys.contains(entry.key()) && isOn(own, entry)) {
        remove(entry);
      }
    }
    String suffix = "/" + options.node();
    for (KeyValue entry : etcd.list(Layout.IDENTITY_USERS).entries()) {
      if (entry.lease() != lease && entry.key().endsWith(suffix)) {
        String labels =
            entry
                .key()
                .substring(Layout.IDENTITY_USERS.length(), entry.key().length() - suffix.length());
        if (!identities.uses(labels)) {
          remove(entry);
        }
      }
    }
  }

  private static boolean isOn(List<IpAddress> own, KeyValue entry) {
    try {
      return own.contains(IpMappingJson.read(entry.value()).hostAddress());
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private void remove(KeyValue entry) {
    LOG.info("removing {} of a former run", entry.key());
    etcd.commit(
        List.of(new Condition.UnchangedSince(entry.key(), entry.modRevision())),
        List.of(new Write.Delete(entry.key())));
  }

  @Override
  public void close() {
    closed = true;
    own.interrupt();
    for (AutoCloseable part : running.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    etcd.close();
  }
}
