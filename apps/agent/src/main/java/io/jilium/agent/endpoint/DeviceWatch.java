// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** Notices devices of endpoints that somebody removed, and pods that are gone without DEL. */
final class DeviceWatch {
  private final EndpointTable table;
  private final EndpointBuilder builder;
  private final Regeneration regeneration;
  private final EndpointDatapath datapath;
  private final AddressLeases addresses;
  private final BiConsumer<Attachment, Runnable> exclusively;

  DeviceWatch(
      EndpointTable table,
      EndpointBuilder builder,
      Regeneration regeneration,
      EndpointDatapath datapath,
      AddressLeases addresses,
      BiConsumer<Attachment, Runnable> exclusively) {
    this.table = table;
    this.builder = builder;
    this.regeneration = regeneration;
    this.datapath = datapath;
    this.addresses = addresses;
    this.exclusively = exclusively;
  }

  static String gone(Endpoint endpoint) {
    return "device " + endpoint.interfaceName() + " was removed from the node";
  }

  /** Something happened to this device. */
  void look(String deviceName) {
    table
        .ofDevice(deviceName)
        .filter(DeviceWatch::isAtRest)
        .filter(entry -> PodDevices.find(deviceName).isEmpty())
        .ifPresent(this::settleLoss);
  }

  /** Compares all endpoints with the devices of the node. */
  void lookAtAll() {
    var entries = table.entries().stream().filter(DeviceWatch::isAtRest).toList();
    if (entries.isEmpty()) {
      return;
    }
    var links = links();
    for (var entry : entries) {
      var link = links.get(entry.endpoint().interfaceName());
      if (link == null) {
        settleLoss(entry);
      } else if (entry.endpoint().state() == EndpointState.NOT_READY) {
        exclusively.accept(entry.attachment(), () -> retry(entry.endpoint().id()));
      }
    }
  }

  private void settleLoss(Entry seen) {
    exclusively.accept(
        seen.attachment(),
        () -> {
          var entry = table.find(seen.attachment()).filter(DeviceWatch::isAtRest);
          if (entry.isEmpty() || PodDevices.find(seen.endpoint().interfaceName()).isPresent()) {
            return;
          }
          var endpoint = entry.get().endpoint();
          if (!Files.exists(Path.of(endpoint.namespacePath()))) {
            builder.demolish(entry.get());
          } else if (endpoint.state() != EndpointState.NOT_READY) {
            regeneration.fail(entry.get(), gone(endpoint));
            var _ = datapath.remove(endpoint);
          }
        });
  }

  private void retry(int id) {
    table
        .find(id)
        .filter(entry -> entry.endpoint().state() == EndpointState.NOT_READY)
        .filter(entry -> addresses.reserve(entry.endpoint()).isEmpty())
        .ifPresent(entry -> {
          var _ = regeneration.regenerate(entry);
        });
  }

  /** While a verb is at work on an endpoint its device may come and go. */
  private static boolean isAtRest(Entry entry) {
    return entry.endpoint().state() == EndpointState.READY
        || entry.endpoint().state() == EndpointState.NOT_READY;
  }

  private static Map<String, Link> links() {
    try (var node = NetlinkSocket.open()) {
      return node.list(Links.all()).stream().collect(Collectors.toMap(Link::name, link -> link));
    }
  }
}
