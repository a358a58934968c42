// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.agent.endpoint.CniException.Code;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Netns;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one endpoint and takes it down again. What is about to be done is on disk before the first
 * effect, so that a start after a crash finishes or undoes it; in between, {@link #demolish} undoes
 * any part of it. The caller sees to it that no two work on one attachment.
 */
final class EndpointBuilder {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointBuilder.class);
  private static final Duration IDENTITY_PATIENCE = Duration.ofSeconds(10);
  private static final Duration TROUBLE_PATIENCE = Duration.ofMillis(500);
  private static final Duration DATAPATH_PATIENCE = Duration.ofSeconds(10);

  private final EndpointTable table;
  private final EndpointStore store;
  private final IdentityLeases leases;
  private final AddressLeases addresses;
  private final PodIdentities identities;
  private final EndpointDatapath datapath;
  private final GracePeriods gracePeriods;
  private final Consumer<Milestone> milestones;
  private final long ownNetns;

  EndpointBuilder(
      EndpointTable table,
      EndpointStore store,
      EndpointPlatform platform,
      AddressLeases addresses,
      IdentityLeases leases,
      GracePeriods gracePeriods,
      Consumer<Milestone> milestones) {
    this.table = table;
    this.store = store;
    this.leases = leases;
    this.addresses = addresses;
    this.identities = platform.identities();
    this.datapath = platform.datapath();
    this.gracePeriods = gracePeriods;
    this.milestones = milestones;
    try (var own = Netns.current()) {
      this.ownNetns = own.inode();
    }
  }

  /** Everything of ADD; leaves nothing when it throws. */
  Entry build(AddRequest request, PodNetwork network, Labels labels, MacAddress mac) {
    try (var netns = open(request.netns())) {
      var entry = reserve(request, labels, mac);
      table.put(entry);
      try {
        return build(entry, network, netns);
      } catch (RuntimeException e) {
        undo(entry, e);
        throw e;
      }
    }
  }

  private Entry reserve(AddRequest request, Labels labels, MacAddress mac) {
    var attachment = request.attachment();
    int id = table.allocateId();
    List<IpAddress> taken;
    var owner = request.pod().isNone() ? attachment.containerId() : request.pod().toString();
    try {
      taken = addresses.allocate(id, owner, request.pod());
    } catch (PodAddresses.ExhaustedException e) {
      table.releaseId(id);
      throw new CniException(Code.TRY_AGAIN_LATER, String.valueOf(e.getMessage()));
    }
    var endpoint =
        new Endpoint(
            id,
            attachment.containerId(),
            attachment.deviceName(),
            0,
            attachment.interfaceName(),
            request.netns().path(),
            request.pod(),
            labels,
            NumericIdentity.UNKNOWN,
            taken,
            mac,
            PodDevices.newMac(),
            EndpointState.WAITING_FOR_IDENTITY);
    milestones.accept(Milestone.ADD_RESERVED);
    var row = new EndpointRow(endpoint, "", request.podUid(), Instant.now());
    return new Entry(row, request.networkName());
  }

  private Entry build(Entry reserved, PodNetwork network, Netns netns) {
    store.begin(reserved);
    milestones.accept(Milestone.ADD_JOURNALED);
    var endpoint = reserved.endpoint();
    var identity = leases.hold(endpoint.id(), endpoint.labels());
    int index = makeDevices(endpoint, network, netns);
    milestones.accept(Milestone.ADD_DEVICES_MADE);
    endpoint =
        endpoint
            .withInterfaceIndex(index)
            .withIdentity(endpoint.labels(), await(identity, endpoint.labels()))
            .withState(EndpointState.WAITING_TO_REGENERATE)
            .withState(EndpointState.REGENERATING);
    milestones.accept(Milestone.ADD_IDENTITY_KNOWN);
    try (var _ = gracePeriods.expedite()) {
      datapath.attach(endpoint);
      await(datapath.put(endpoint), "take endpoint " + endpoint.id());
    }
    milestones.accept(Milestone.ADD_IN_DATAPATH);
    var ready = reserved.with(endpoint.withState(EndpointState.READY));
    store.settle(ready);
    table.put(ready);
    datapath.settled(ready.endpoint());
    milestones.accept(Milestone.ADD_SETTLED);
    return ready;
  }

  private int makeDevices(Endpoint endpoint, PodNetwork network, Netns netns) {
    var plan = plan(endpoint, network);
    try {
      return PodDevices.create(plan, netns);
    } catch (PodDevices.NameTakenException e) {
      // The name on the node is a hash of the attachment: what has it is a remnant of ours.
      if (PodDevices.find(plan.hostName()).isPresent()) {
        PodDevices.delete(plan.hostName());
        try {
          return PodDevices.create(plan, netns);
        } catch (PodDevices.NameTakenException again) {
          throw taken(endpoint);
        }
      }
      throw taken(endpoint);
    } catch (LinuxException e) {
      throw new CniException(Code.INTERNAL, String.valueOf(e.getMessage()));
    }
  }

  private static CniException taken(Endpoint endpoint) {
    return new CniException(
        Code.INVALID_ENVIRONMENT,
        "CNI_IFNAME %s exists already in %s and is not Jilium's"
            .formatted(endpoint.containerInterface(), endpoint.namespacePath()));
  }

  static PodDevices.Plan plan(Endpoint endpoint, PodNetwork network) {
    return new PodDevices.Plan(
        endpoint.interfaceName(),
        endpoint.containerInterface(),
        endpoint.nodeMac(),
        endpoint.mac(),
        endpoint.addresses(),
        network);
  }

  /** Opens the container's namespace, which must not be the node's. */
  Netns open(NetnsPath path) {
    var netns = path.open();
    if (netns.inode() == ownNetns) {
      netns.close();
      throw new CniException(
          Code.INVALID_NETNS, "CNI_NETNS " + path.path() + " is the network namespace of the node");
    }
    return netns;
  }

  /**
   * Removes an endpoint, however much of it exists: out of the datapath first, so that its
   * addresses are free only when nobody is led to them any more.
   */
  void demolish(Entry entry) {
    var endpoint = entry.endpoint();
    store.unsettle(endpoint.id());
    if (endpoint.state().canBecome(EndpointState.DISCONNECTING)) {
      endpoint = endpoint.withState(EndpointState.DISCONNECTING);
      table.put(entry.with(endpoint));
    }
    milestones.accept(Milestone.DEL_UNSETTLED);
    try (var _ = gracePeriods.expedite()) {
      await(datapath.remove(endpoint), "drop endpoint " + endpoint.id());
    }
    milestones.accept(Milestone.DEL_OUT_OF_DATAPATH);
    PodDevices.delete(endpoint.interfaceName());
    milestones.accept(Milestone.DEL_DEVICES_GONE);
    store.remove(endpoint.id());
    leases.drop(endpoint.id());
    addresses.release(endpoint.id());
    table.remove(entry);
    milestones.accept(Milestone.DEL_DONE);
  }

  private void undo(Entry entry, RuntimeException cause) {
    try {
      demolish(entry);
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      LOG.warn(
          "endpoint {} is left half made until DEL or the next start: {}",
          entry.endpoint().id(),
          e.getMessage());
    }
  }

  private NumericIdentity await(CompletableFuture<NumericIdentity> identity, Labels labels) {
    long end = System.nanoTime() + IDENTITY_PATIENCE.toNanos();
    while (true) {
      try {
        return identity.get(TROUBLE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        var trouble = identities.trouble();
        if (trouble.isPresent() || System.nanoTime() > end) {
          throw new CniException(
              Code.TRY_AGAIN_LATER,
              "no identity for labels %s yet: %s"
                  .formatted(labels.identityKey(), trouble.orElse("the store does not answer")));
        }
      } catch (ExecutionException e) {
        throw new CniException(Code.TRY_AGAIN_LATER, message("allocate an identity", e));
      } catch (InterruptedException e) {
        throw stopped();
      }
    }
  }

  private static void await(CompletableFuture<Void> done, String what) {
    try {
      done.get(DATAPATH_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CniException(
          Code.TRY_AGAIN_LATER,
          "the datapath did not " + what + " in " + DATAPATH_PATIENCE.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new CniException(Code.INTERNAL, message(what, e));
    } catch (InterruptedException e) {
      throw stopped();
    }
  }

  private static String message(String what, ExecutionException e) {
    var cause = e.getCause() == null ? e : e.getCause();
    return what + ": " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
  }

  private static CniException stopped() {
    Thread.currentThread().interrupt();
    return new CniException(Code.TRY_AGAIN_LATER, "the agent is stopping");
  }
}
