// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Everybody reaches everybody when no policy forbids it. */
final class NoPolicies {
  static final int HOST_PORT = 4000;
  private static final String TEST = "no-policies";

  private final TestBed bed;
  private final Probe probe;
  private final List<Action> actions = new ArrayList<>();

  private NoPolicies(TestBed bed, Probe probe) {
    this.bed = bed;
    this.probe = probe;
  }

  static List<Scenario> of(TestBed bed, Probe probe) {
    var all = new NoPolicies(bed, probe);
    return List.of(
        all.scenario("pod-to-pod", all::podToPod),
        all.scenario("client-to-client", all::clientToClient),
        all.scenario("pod-to-service", all::podToService),
        all.scenario("pod-to-hostport", all::podToHostPort),
        all.scenario("pod-to-nodeport", all::podToNodePort),
        all.scenario("pod-to-host", all::podToHost),
        all.scenario("host-to-pod", all::hostToPod),
        all.scenario("pod-to-world", all::podToWorld));
  }

  private Scenario scenario(String name, Runnable fill) {
    actions.clear();
    fill.run();
    return new Scenario(TEST, name, actions);
  }

  private void podToPod() {
    for (var client : bed.clients()) {
      for (var echo : bed.echoes()) {
        for (var address : echo.addresses()) {
          fetch(client, Peer.socket(address, Peer.PORT), echo, address);
        }
      }
    }
  }

  private void clientToClient() {
    for (var from : bed.clients()) {
      for (var to : bed.clients()) {
        if (!from.equals(to)) {
          to.addresses()
              .forEach(address -> ping(from, to.namespace() + "/" + to.name(), address, to.node()));
        }
      }
    }
  }

  private void podToService() {
    for (var client : bed.clients()) {
      for (var service : bed.services()) {
        for (var address : service.addresses()) {
          fetch(client, Peer.socket(address, Peer.PORT), service.backend(), address);
        }
        if (bed.clusterDns()) {
          String name = "%s.%s:%d".formatted(service.name(), client.namespace(), Peer.PORT);
          fetch(client, name, service.backend(), "");
        }
      }
    }
  }

  private void podToHostPort() {
    for (var echo : bed.echoes()) {
      for (var address : bed.nodes().getOrDefault(echo.node(), List.of())) {
        fetch(bed.client(), Peer.socket(address, HOST_PORT), echo, address);
      }
    }
  }

  private void podToNodePort() {
    for (var service : bed.services()) {
      bed.testNodes()
          .flatMap(node -> bed.nodes().getOrDefault(node, List.of()).stream())
          .filter(address -> service.addresses().stream().anyMatch(own -> alike(own, address)))
          .forEach(address ->
              fetch(
                  bed.client(),
                  Peer.socket(address, service.nodePort()),
                  service.backend(),
                  address));
    }
  }

  private static boolean alike(String one, String other) {
    return Peer.isV4(one) == Peer.isV4(other);
  }

  private void podToHost() {
    for (var client : bed.clients()) {
      bed.testNodes()
          .forEach(node ->
              bed.nodes().getOrDefault(node, List.of()).stream()
                  .filter(
                      address -> client.addresses().stream().anyMatch(own -> alike(own, address)))
                  .forEach(address -> ping(client, node, address, node)));
    }
  }

  private void hostToPod() {
    var nodes = bed.testNodes().toList();
    for (var host : bed.hosts()) {
      if (nodes.contains(host.node())) {
        for (var echo : bed.echoes()) {
          for (var address : echo.addresses()) {
            fetch(host, Peer.socket(address, Peer.PORT), echo, address);
          }
        }
      }
    }
  }

  /** A target that the node itself does not reach says nothing about pods. */
  private void podToWorld() {
    String url = bed.externalTarget();
    Optional<Peer> host =
        bed.hosts().stream().filter(peer -> peer.node().equals(bed.client().node())).findFirst();
    for (var client : bed.clients()) {
      add(
          "curl-" + actions.size(),
          client + " -> " + url,
          () ->
              host.isPresent() && probe.fetch(host.get(), url) instanceof Outcome.Failed
                  ? new Outcome.Skipped(
                      "node %s itself does not reach %s: give --external-target URL"
                          .formatted(client.node(), url))
                  : probe.fetch(client, url),
          client.addresses(),
          Stream.of(client.node()));
    }
  }

  private void fetch(Peer from, String socket, Peer server, String address) {
    var addresses = new ArrayList<>(from.addresses());
    addresses.addAll(server.addresses());
    add(
        "curl-%s-%d".formatted(address.isEmpty() ? "name" : Peer.family(address), actions.size()),
        "%s -> %s (%s)".formatted(from, server.namespace() + "/" + server.name(), socket),
        () -> probe.fetch(from, socket, server),
        addresses,
        Stream.of(from.node(), server.node()));
  }

  private void ping(Peer from, String to, String address, String node) {
    var addresses = new ArrayList<>(from.addresses());
    addresses.add(address);
    add(
        "ping-%s-%d".formatted(Peer.family(address), actions.size()),
        "%s -> %s (%s)".formatted(from, to, address),
        () -> probe.ping(from, address),
        addresses,
        Stream.of(from.node(), node));
  }

  private void add(
      String name,
      String what,
      Supplier<Outcome> attempt,
      List<String> addresses,
      Stream<String> nodes) {
    actions.add(new Action(name, what, attempt, addresses, nodes.distinct().toList()));
  }
}
