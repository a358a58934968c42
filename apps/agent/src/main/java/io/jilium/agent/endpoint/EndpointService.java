// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static java.util.stream.Collectors.toSet;

import io.jilium.agent.endpoint.CniException.Code;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodName;
import io.jilium.linux.sys.LinuxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of this node: CNI's verbs on them, what a start finds of them, and what happens to
 * them meanwhile. Order of a start: {@link #reserve} before anything else takes addresses, {@link
 * #restore} when the datapath is loaded, then {@link #open}.
 */
public final class EndpointService implements Endpoints, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointService.class);
  private static final int ATTACHING = 4;
  private static final Duration ADD_PATIENCE = Duration.ofSeconds(20);
  private static final Duration DEL_PATIENCE = Duration.ofMillis(2500);
  private static final Duration SWEEP = Duration.ofSeconds(5);
  private static final Duration LOST_PATIENCE = Duration.ofSeconds(30);

  private final EndpointTable table = new EndpointTable();
  private final AttachmentLocks locks = new AttachmentLocks();
  private final EndpointPlatform platform;
  private final EndpointBuilder builder;
  private final EndpointRestore restoration;
  private final PodLabels labels;
  private final DeviceWatch devices;
  private final DeleteQueue queue;
  private final Path runDirectory;
  private final ScheduledExecutorService background =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("endpoints").daemon().factory());
  private final ExecutorService attaching =
      Executors.newFixedThreadPool(
          ATTACHING, Thread.ofPlatform().name("attach-", 0).daemon().factory());
  private final AtomicBoolean bandwidthTold = new AtomicBoolean();
  private Optional<CniServer> server = Optional.empty();
  private LostPods lost = new LostPods(Set.of(), LOST_PATIENCE);

  /**
   * @param runDirectory holds {@code state/}, {@code cni.sock} and {@code deleteQueue/}
   */
  public EndpointService(Path runDirectory, EndpointPlatform platform) {
    this(runDirectory, platform, _ -> {});
  }

  EndpointService(Path runDirectory, EndpointPlatform platform, Consumer<Milestone> milestones) {
    this.runDirectory = runDirectory;
    this.platform = platform;
    var store = new EndpointStore(runDirectory.resolve("state"));
    var leases = new IdentityLeases(platform.identities());
    var addresses = new AddressLeases(platform.addresses());
    var gracePeriods = GracePeriods.of(runDirectory);
    this.builder =
        new EndpointBuilder(table, store, platform, addresses, leases, gracePeriods, milestones);
    var regeneration =
        new Regeneration(table, store, platform, leases, attaching, this::exclusively);
    this.restoration =
        new EndpointRestore(table, store, platform.datapath(), addresses, builder, regeneration);
    this.labels = new PodLabels(table, platform.identities(), regeneration, background);
    this.devices =
        new DeviceWatch(
            table, builder, regeneration, platform.datapath(), addresses, this::exclusively);
    this.queue = new DeleteQueue(runDirectory.resolve("deleteQueue"));
  }

  /** Puts back what an agent that was killed left in the kernel beside its endpoints. */
  public static void cleanUp(Path runDirectory) {
    var _ = GracePeriods.of(runDirectory);
  }

  /**
   * Takes the addresses of the endpoints on disk, and undoes what was half done when the agent
   * ended.
   */
  public void reserve() {
    restoration.reserve();
  }

  /** Puts the endpoints on disk back into the datapath and removes what belongs to none. */
  public void restore() {
    restoration.restore();
    lost =
        new LostPods(
            table.entries().stream().map(entry -> entry.endpoint().id()).collect(toSet()),
            LOST_PATIENCE);
  }

  /** Works the queue of DELs off, opens {@code cni.sock} and begins to look after the endpoints. */
  public void open() {
    platform.network().get().ifPresent(CniVerbs::rehearse);
    try (var _ = queue.lock()) {
      drainQueue();
      server = Optional.of(CniServer.open(runDirectory.resolve("cni.sock"), new CniVerbs(this)));
    }
    long period = SWEEP.toMillis();
    var _ = background.scheduleWithFixedDelay(this::sweep, period, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    server.ifPresent(CniServer::close);
    background.shutdownNow();
    attaching.shutdownNow();
  }

  Entry add(AddRequest request) {
    var network =
        platform
            .network()
            .get()
            .orElseThrow(() -> new CniException(Code.TRY_AGAIN_LATER, notReady()));
    var podLabels = labels.of(request.pod());
    var mac = wishes(request).mac().orElseGet(PodDevices::newMac);
    try (var _ = hold(request.attachment(), ADD_PATIENCE)) {
      table
          .find(request.attachment())
          .ifPresent(stale -> {
            LOG.info(
                "endpoint {} is replaced: ADD again for {}",
                stale.endpoint().id(),
                request.attachment());
            builder.demolish(stale);
          });
      return builder.build(request, network, podLabels, mac);
    } catch (LinuxException e) {
      throw new CniException(Code.INTERNAL, String.valueOf(e.getMessage()));
    } finally {
      labels.settled(request.pod());
    }
  }

  private PodWishes wishes(AddRequest request) {
    try {
      var wishes = PodWishes.of(platform.identities().annotations(request.pod()));
      if (wishes.wantsBandwidth() && !bandwidthTold.getAndSet(true)) {
        LOG.warn(
            "pod {} asks for a bandwidth of {} out and {} in bits a second: bandwidths are not"
                + " enforced yet, on no pod",
            request.pod(),
            wishes.egressBits(),
            wishes.ingressBits());
      }
      return wishes;
    } catch (IllegalArgumentException e) {
      throw new CniException(Code.INVALID_CONFIG, request.pod() + ": " + e.getMessage());
    }
  }

  /** What is not known is gone already. */
  void delete(Attachment attachment) {
    try (var _ = hold(attachment, DEL_PATIENCE)) {
      var entry = table.find(attachment);
      if (entry.isPresent()) {
        builder.demolish(entry.get());
      } else {
        PodDevices.delete(attachment.deviceName());
      }
    } catch (LinuxException e) {
      throw new CniException(Code.INTERNAL, String.valueOf(e.getMessage()));
    }
  }

  void check(Attachment attachment, NetnsPath netns, Optional<List<IpAddress>> expected) {
    var entry =
        table
            .find(attachment)
            .orElseThrow(() ->
                new CniException(
                    Code.UNKNOWN_CONTAINER, "no endpoint for container " + attachment));
    var endpoint = entry.endpoint();
    var found = new ArrayList<String>();
    expected.ifPresent(addresses -> {
      for (var address : addresses) {
        if (!endpoint.addresses().contains(address)) {
          found.add("address " + address + " of prevResult is not the endpoint's");
        }
      }
    });
    var network =
        platform
            .network()
            .get()
            .orElseThrow(() -> new CniException(Code.TRY_AGAIN_LATER, notReady()));
    try (var pod = builder.open(netns)) {
      found.addAll(PodDevices.differences(EndpointBuilder.plan(endpoint, network), pod));
    }
    found.addAll(platform.datapath().verify(endpoint));
    if (found.isEmpty() && endpoint.state() != EndpointState.READY) {
      found.add("endpoint is " + endpoint.state().text() + ": " + entry.row().reason());
    }
    if (!found.isEmpty()) {
      throw new CniException(
          Code.DAMAGED,
          "endpoint " + endpoint.id() + ": " + found.getFirst(),
          String.join("; ", found));
    }
  }

  /** Removes the network's attachments that the runtime does not name. */
  void collect(String networkName, Set<Attachment> valid) {
    var failures = new ArrayList<String>();
    for (var entry : table.entries()) {
      if (!entry.networkName().equals(networkName) || valid.contains(entry.attachment())) {
        continue;
      }
      try {
        delete(entry.attachment());
      } catch (CniException e) {
        failures.add(entry.attachment() + ": " + e.getMessage());
      }
    }
    if (!failures.isEmpty()) {
      throw new CniException(
          Code.INTERNAL,
          failures.size() + " attachments could not be removed",
          String.join("; ", failures));
    }
  }

  void status() {
    platform
        .obstacle()
        .get()
        .ifPresent(reason -> {
          throw new CniException(Code.NOT_AVAILABLE, reason);
        });
    if (platform.network().get().isEmpty()) {
      throw new CniException(Code.NOT_AVAILABLE, notReady());
    }
  }

  PodNetwork network() {
    return platform.network().get().orElseThrow();
  }

  /** Where the network namespaces of the pods are. */
  public Collection<Path> namespaces() {
    return table.entries().stream()
        .map(entry -> entry.endpoint().namespacePath())
        .filter(path -> !path.isEmpty())
        .map(Path::of)
        .distinct()
        .toList();
  }

  @Override
  public List<EndpointRow> list() {
    return table.rows();
  }

  @Override
  public Optional<EndpointRow> get(int id) {
    return table.row(id);
  }

  @Override
  public void podChanged(PodName pod) {
    labels.podChanged(pod);
  }

  @Override
  public void namespaceChanged(String namespace) {
    table.entries().stream()
        .map(entry -> entry.endpoint().pod())
        .filter(pod -> pod.namespace().equals(namespace))
        .distinct()
        .forEach(labels::podChanged);
  }

  @Override
  public void deviceChanged(String deviceName) {
    if (deviceName.startsWith("lxc") && !background.isShutdown()) {
      background.execute(() -> guarded("look at " + deviceName, () -> devices.look(deviceName)));
    }
  }

  @Override
  public int allocateId() {
    return table.allocateId();
  }

  @Override
  public void show(EndpointRow row) {
    table.show(row);
  }

  @Override
  public void hide(int id) {
    table.hide(id);
  }

  private void sweep() {
    guarded("work the DEL queue off", this::drainQueue);
    guarded("look at all devices", devices::lookAtAll);
    guarded("allocate identities", labels::retry);
    guarded("remove endpoints of lost pods", this::removeLost);
  }

  private void removeLost() {
    var endpoints = table.entries().stream().map(Entry::endpoint).toList();
    for (var endpoint : lost.due(endpoints, platform.identities()::isGone, System.nanoTime())) {
      LOG.info(
          "endpoint {} is removed: there is no pod {} any more", endpoint.id(), endpoint.pod());
      table.find(endpoint.id()).map(Entry::attachment).ifPresent(this::delete);
    }
  }

  private void drainQueue() {
    queue.drain(this::delete);
  }

  private static void guarded(String what, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.warn("{}: {}", what, e.getMessage());
    }
  }

  private String notReady() {
    return platform.obstacle().get().orElse("the node has no router address yet");
  }

  /** Runs the task unless a verb is at work on the attachment; then the verb settles it. */
  private void exclusively(Attachment attachment, Runnable task) {
    try (var _ = hold(attachment, Duration.ofSeconds(1))) {
      task.run();
    }
  }

  private AttachmentLocks.Held hold(Attachment attachment, Duration patience) {
    try {
      return locks
          .hold(attachment, patience)
          .orElseThrow(() ->
              new CniException(Code.TRY_AGAIN_LATER, "another verb is at work on " + attachment));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CniException(Code.TRY_AGAIN_LATER, "the agent is stopping");
    }
  }
}
