// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.EndpointState;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start makes of the endpoints on disk: it compares them with the kernel and keeps those
 * that live.
 */
final class EndpointRestore {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointRestore.class);
  private static final long PATIENCE_SECONDS = 30;

  private final EndpointTable table;
  private final EndpointStore store;
  private final EndpointDatapath datapath;
  private final AddressLeases addresses;
  private final EndpointBuilder builder;
  private final Regeneration regeneration;
  private final List<Entry> doomed = new ArrayList<>();
  private final Map<Integer, String> damaged = new HashMap<>();

  EndpointRestore(
      EndpointTable table,
      EndpointStore store,
      EndpointDatapath datapath,
      AddressLeases addresses,
      EndpointBuilder builder,
      Regeneration regeneration) {
    this.table = table;
    this.store = store;
    this.datapath = datapath;
    this.addresses = addresses;
    this.builder = builder;
    this.regeneration = regeneration;
  }

  /** Before anybody else takes addresses or ids. Devices of what is to be undone go at once. */
  void reserve() {
    var found = store.load();
    var links = devices();
    for (var entry : found.unsettled()) {
      LOG.info(
          "endpoint {} was half done when the agent ended and is undone", entry.endpoint().id());
      doom(entry);
    }
    for (var entry : found.settled()) {
      var link = links.get(entry.endpoint().interfaceName());
      if (link != null) {
        var current = entry.with(entry.endpoint().withInterfaceIndex(link.index()));
        table.put(current);
        take(current);
      } else if (Files.exists(Path.of(entry.endpoint().namespacePath()))) {
        table.put(entry);
        take(entry);
        damaged.putIfAbsent(entry.endpoint().id(), DeviceWatch.gone(entry.endpoint()));
      } else {
        LOG.info("endpoint {} is removed: its pod is gone", entry.endpoint().id());
        doom(entry);
      }
    }
  }

  /** When the datapath is loaded. */
  void restore() {
    for (var entry : doomed) {
      builder.demolish(entry);
    }
    doomed.clear();
    var ids = table.rows().stream().map(row -> row.endpoint().id()).collect(Collectors.toSet());
    datapath.prune(ids);
    var done = new ArrayList<CompletableFuture<Void>>();
    for (var entry : table.entries()) {
      var reason = damaged.get(entry.endpoint().id());
      if (reason != null) {
        regeneration.fail(entry, reason);
      } else {
        done.add(regeneration.regenerate(entry));
      }
      regeneration.relabel(entry, entry.endpoint().labels());
    }
    await(CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)));
    if (!ids.isEmpty()) {
      LOG.info("{} endpoints restored", done.size());
    }
  }

  /** Keeps id and addresses from others until it is out of the datapath, too. */
  private void doom(Entry entry) {
    var disconnecting = entry.with(entry.endpoint().withState(EndpointState.DISCONNECTING));
    PodDevices.delete(entry.endpoint().interfaceName());
    table.put(disconnecting);
    take(disconnecting);
    doomed.add(disconnecting);
  }

  private void take(Entry entry) {
    addresses
        .reserve(entry.endpoint())
        .ifPresent(reason -> damaged.put(entry.endpoint().id(), reason));
  }

  private static Map<String, Link> devices() {
    try (var node = NetlinkSocket.open()) {
      return node.list(Links.all()).stream().collect(Collectors.toMap(Link::name, link -> link));
    }
  }

  private static void await(CompletableFuture<Void> all) {
    try {
      all.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      LOG.warn("not all endpoints are in the datapath after {} s", PATIENCE_SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
