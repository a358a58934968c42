// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Node;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PolicyObject;
import io.jilium.core.model.PoolDemand;
import io.jilium.core.settings.Settings.IpamMode;
import io.jilium.core.source.EventPump;
import io.jilium.source.kube.ResourceWatcher.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster at the Kubernetes API server. One watcher per kind follows what others write; three
 * workers write the own node, identities and endpoints, so that none waits for another. While the
 * server is away everything published gathers in memory.
 */
public final class KubeStore implements ClusterStore {
  private static final Logger LOG = LoggerFactory.getLogger(KubeStore.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT_PATIENCE = Duration.ofSeconds(4);
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final KubeStoreOptions options;
  private final KubeApi api;
  private final Troubles troubles = new Troubles();
  private final OwnNode node;
  private final OwnPods pods;
  private final PoolChoice pools;
  private final OwnEndpoints endpoints;
  private final IdentityAllocator identities;
  private final AddressBook addresses;
  private final Worker nodeWorker;
  private final Worker identityWorker;
  private final Worker endpointWorker;
  private final List<AutoCloseable> running = new CopyOnWriteArrayList<>();
  private final List<ResourceWatcher> watchers = new CopyOnWriteArrayList<>();

  private volatile Connectivity connectivity = new Connectivity.Away(Instant.now(), "not started");
  private volatile Consumer<ClusterEvent> events = _ -> {};
  private volatile boolean sweep;
  private volatile boolean addressesSynced;

  private KubeStore(KubeApi api, KubeStoreOptions options) {
    this.api = api;
    this.options = options;
    Consumer<ClusterEvent> tell = event -> events.accept(event);
    this.nodeWorker = new Worker("kube-node", HEARTBEAT, this::keepNode, this::nodeFailed);
    this.identityWorker =
        new Worker("kube-identities", RETRY, this::keepIdentities, this::identityFailed);
    this.endpointWorker =
        new Worker("kube-endpoints", RETRY, this::keepEndpoints, this::endpointFailed);
    this.node = new OwnNode(options.ipam() == IpamMode.KUBERNETES);
    this.pods = new OwnPods(api, options.node(), tell, endpointWorker::wake);
    this.pools = new PoolChoice(pods);
    this.endpoints = new OwnEndpoints(api, pods);
    this.addresses = new AddressBook(tell);
    this.identities =
        new IdentityAllocator(
            api, new IdentityIndex(options.clusterId()), tell, identityWorker::wake);
  }

  /** Takes the connection over: closing the store closes it. Nothing is sent before start. */
  public static KubeStore create(KubeApi api, KubeStoreOptions options) {
    return new KubeStore(api, options);
  }

  @Override
  public String sourceName() {
    return "custom-resource";
  }

  @Override
  public void start(Consumer<List<ClusterEvent>> listener) {
    var pump = new EventPump(listener);
    events = pump::add;
    var pumping = Thread.ofVirtual().name("kube-events").start(pump);
    running.add(pumping::interrupt);
    var followers = new Followers(options, this::tell, addresses, losses());
    follow(
        Subject.field(Resource.NODES, "metadata.name", options.node()),
        followers.ownNode(node, nodeWorker::wake));
    follow(Subject.all(Resource.CILIUM_NODES), followers.nodes(node, nodeWorker::wake));
    follow(Subject.all(Resource.CILIUM_IDENTITIES), followers.identities(identities));
    if (options.slices()) {
      follow(Subject.all(Resource.CILIUM_ENDPOINT_SLICES), followers.slices());
    } else {
      follow(Subject.all(Resource.CILIUM_ENDPOINTS), followers.endpoints());
    }
    follow(Subject.all(Resource.NAMESPACES), followers.namespaces(pools));
    if (options.services()) {
      follow(Subject.all(Resource.SERVICES), followers.services());
      follow(Subject.all(Resource.ENDPOINT_SLICES), followers.endpointSlices());
    }
    for (var kind : PolicyObject.Kind.values()) {
      followPolicies(kind, followers.policies(kind));
    }
    follow(Subject.field(Resource.PODS, "spec.nodeName", options.node()), pods);
    if (options.ipam() == IpamMode.MULTI_POOL) {
      follow(Subject.all(Resource.CILIUM_POD_IP_POOLS), followers.pools(pools));
    }
    for (var worker : List.of(nodeWorker, identityWorker, endpointWorker)) {
      worker.start();
      running.add(worker);
    }
  }

  private ResourceWatcher follow(Subject subject, ResourceWatcher.Follower follower) {
    var watcher = ResourceWatcher.start(api, subject, follower, troubles);
    watchers.add(watcher);
    running.add(watcher);
    return watcher;
  }

  private void unfollow(ResourceWatcher watcher) {
    watchers.remove(watcher);
    running.remove(watcher);
    watcher.close();
  }

  private void followPolicies(PolicyObject.Kind kind, ResourceWatcher.Follower follower) {
    switch (kind) {
      case NETWORK_POLICY -> follow(Subject.all(Resource.NETWORK_POLICIES), follower);
      case CLUSTER_NETWORK_POLICY -> {
        var resource = Resource.CLUSTER_NETWORK_POLICIES;
        follow(
            Subject.field(Resource.DEFINITIONS, "metadata.name", resource.fullName()),
            new OptionalKind(
                resource, follower, told -> follow(Subject.all(resource), told), this::unfollow));
      }
      case CILIUM_NETWORK_POLICY -> follow(Subject.all(Resource.CILIUM_NETWORK_POLICIES), follower);
      case CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
          follow(Subject.all(Resource.CILIUM_CLUSTERWIDE_NETWORK_POLICIES), follower);
      case CIDR_GROUP -> follow(Subject.all(Resource.CILIUM_CIDR_GROUPS), follower);
    }
  }

  private void tell(ClusterEvent event) {
    events.accept(event);
    if (event instanceof ClusterEvent.Synced(var topic) && topic == ClusterEvent.Topic.ADDRESSES) {
      addressesSynced = true;
      endpointWorker.wake();
    }
  }

  private Followers.Losses losses() {
    return new Followers.Losses() {
      @Override
      public void node(String name) {
        if (name.equals(options.node())) {
          LOG.warn("somebody removed CiliumNode {}: writing it again", name);
          node.lost();
          nodeWorker.wake();
        }
      }

      @Override
      public void endpoint(String key) {
        if (!options.slices() && endpoints.lost(key)) {
          endpointWorker.wake();
        }
      }
    };
  }

  @Override
  public Connectivity connectivity() {
    return connectivity;
  }

  @Override
  public List<String> troubles() {
    return troubles.sentences();
  }

  @Override
  public void publishNode(Node self) {
    node.publish(self);
    nodeWorker.wake();
  }

  @Override
  public void publishEndpoint(Endpoint endpoint, IpAddress host) {
    endpoints.publish(endpoint, host);
    endpointWorker.wake();
  }

  @Override
  public void withdrawEndpoint(int id) {
    endpoints.withdraw(id);
    endpointWorker.wake();
  }

  @Override
  public boolean tellsAllPods() {
    return true;
  }

  @Override
  public void lookUp(PodName pod) {
    pods.lookUp(pod);
  }

  @Override
  public String poolOf(PodName pod, boolean v4) {
    return options.ipam() == IpamMode.MULTI_POOL ? pools.of(pod, v4) : PoolDemand.DEFAULT;
  }

  @Override
  public void requestPools(List<PoolDemand> demands, List<IpPrefix> unused) {
    node.request(demands, unused);
    nodeWorker.wake();
  }

  @Override
  public CompletableFuture<Identity> allocateIdentity(Labels labels) {
    return identities.allocate(labels);
  }

  @Override
  public void releaseIdentity(Labels labels) {
    identities.release(labels);
  }

  @Override
  public void removeLeftovers() {
    sweep = true;
    endpointWorker.wake();
  }

  /** Whether everything published so far stands at the API server. */
  public boolean isWritten() {
    return connectivity instanceof Connectivity.Connected
        && node.isWritten()
        && identities.isWritten()
        && endpoints.isWritten()
        && !sweep;
  }

  private void keepNode() {
    var version = api.get("/version", HEARTBEAT_PATIENCE);
    if (!(connectivity instanceof Connectivity.Connected)) {
      var detail =
          "%s.%s (%s) [%s]"
              .formatted(
                  Json.text(version, "major"),
                  Json.text(version, "minor"),
                  Json.text(version, "gitVersion"),
                  Json.text(version, "platform"));
      LOG.info("Kubernetes {} answers at {}", detail, api.url());
      connect(new Connectivity.Connected(Instant.now(), detail));
      watchers.forEach(ResourceWatcher::reconnect);
      identityWorker.wake();
      endpointWorker.wake();
    }
    node.work(api);
    troubles.none(Resource.CILIUM_NODES, "patch");
  }

  private void nodeFailed(KubeException e) {
    if (!e.isAway() && !e.isTooMany()) {
      troubles.seen(Resource.CILIUM_NODES, "patch", e);
      return;
    }
    var error = String.valueOf(e.getMessage());
    if (connectivity instanceof Connectivity.Connected) {
      LOG.warn("the API server is away: {}", error);
      connect(new Connectivity.Away(Instant.now(), error));
    } else if (connectivity instanceof Connectivity.Away(Instant since, String before)
        && !before.equals(error)) {
      connect(new Connectivity.Away(since, error));
    }
  }

  private void connect(Connectivity now) {
    connectivity = now;
    events.accept(new ClusterEvent.ConnectivityChanged(now));
  }

  private void keepIdentities() {
    identities.work();
    troubles.none(Resource.CILIUM_IDENTITIES, "create");
  }

  private void identityFailed(KubeException e) {
    note(Resource.CILIUM_IDENTITIES, "create", e);
  }

  private void keepEndpoints() {
    endpoints.work();
    if (sweep && addressesSynced) {
      sweep = false;
      endpoints.removeLeftovers(formerObjects());
    }
    troubles.none(Resource.CILIUM_ENDPOINTS, "patch");
  }

  /** Slices are the operator's, which drops what has no CiliumEndpoint any more. */
  private List<String> formerObjects() {
    var keys = new ArrayList<String>();
    if (!options.slices()) {
      node.addresses().forEach(address -> keys.addAll(addresses.objectsOf(address)));
    }
    return keys;
  }

  private void endpointFailed(KubeException e) {
    note(Resource.CILIUM_ENDPOINTS, "patch", e);
  }

  /** That the server is away is the node worker's to tell. */
  private void note(Resource resource, String verb, KubeException e) {
    if (e.isAway() || e.isTooMany()) {
      LOG.debug("{}: {}", resource.name(), e.getMessage());
    } else {
      troubles.seen(resource, verb, e);
    }
  }

  @Override
  public void close() {
    for (AutoCloseable part : running.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    api.close();
  }
}
