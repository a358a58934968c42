// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.endpoint.EndpointRow;
import io.jilium.agent.endpoint.Endpoints;
import io.jilium.agent.state.AgentState;
import io.jilium.agent.state.IpcacheRow;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Node;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import io.jilium.wire.agent.Address;
import io.jilium.wire.agent.AddressList;
import io.jilium.wire.agent.EndpointList;
import io.jilium.wire.agent.EndpointListRequest;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.IdentityList;
import io.jilium.wire.agent.IdentityListRequest;
import io.jilium.wire.agent.NodeAddress;
import io.jilium.wire.agent.NodeList;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The agent's tables as messages, in parts of bounded size. */
final class TableMessages {
  private static final int PART = 512;
  private static final long NANOS = 1_000_000_000L;

  private final AgentState state;
  private final Endpoints endpoints;

  TableMessages(AgentState state, Endpoints endpoints) {
    this.state = state;
    this.endpoints = endpoints;
  }

  void endpoints(EndpointListRequest request, Conversation.Client client) throws IOException {
    List<EndpointRow> rows =
        endpoints.list().stream().filter(row -> matches(row.endpoint(), request)).toList();
    if (rows.isEmpty() && !request.equals(EndpointListRequest.getDefaultInstance())) {
      throw new Refusal(Error.Kind.NOT_FOUND, "there is no endpoint " + wanted(request));
    }
    for (List<EndpointRow> part : parts(rows)) {
      var list = EndpointList.newBuilder();
      part.forEach(row -> list.addEndpoints(endpoint(row)));
      client.send(Response.newBuilder().setEndpoints(list).build());
    }
  }

  void nodes(Conversation.Client client) throws IOException {
    for (List<Node> part : parts(state.nodes())) {
      var list = NodeList.newBuilder();
      part.forEach(node -> list.addNodes(node(node)));
      client.send(Response.newBuilder().setNodes(list).build());
    }
  }

  void identities(IdentityListRequest request, Conversation.Client client) throws IOException {
    List<Identity> identities =
        state.identities().stream()
            .filter(identity -> request.getId() == 0 || identity.id().value() == request.getId())
            .toList();
    if (identities.isEmpty() && request.getId() != 0) {
      throw new Refusal(Error.Kind.NOT_FOUND, "there is no identity " + request.getId());
    }
    for (List<Identity> part : parts(identities)) {
      var list = IdentityList.newBuilder();
      for (Identity identity : part) {
        list.addIdentities(
            io.jilium.wire.agent.Identity.newBuilder()
                .setId(identity.id().value())
                .addAllLabels(identity.labels().texts()));
      }
      client.send(Response.newBuilder().setIdentities(list).build());
    }
  }

  void addresses(Conversation.Client client) throws IOException {
    var labels = new HashMap<NumericIdentity, Labels>();
    state.identities().forEach(identity -> labels.put(identity.id(), identity.labels()));
    for (List<IpcacheRow> part : parts(state.ipcache())) {
      var list = AddressList.newBuilder();
      part.forEach(row -> list.addAddresses(address(row, labels)));
      client.send(Response.newBuilder().setAddresses(list).build());
    }
  }

  private static boolean matches(Endpoint endpoint, EndpointListRequest request) {
    return (request.getId() == 0 || endpoint.id() == request.getId())
        && (request.getPod().isEmpty() || name(endpoint.pod()).equals(request.getPod()))
        && (request.getAddress().isEmpty()
            || endpoint.addresses().stream()
                .anyMatch(address -> address.toString().equals(request.getAddress())));
  }

  private static String wanted(EndpointListRequest request) {
    if (request.getId() != 0) {
      return Integer.toString(request.getId());
    }
    return request.getPod().isEmpty()
        ? "with address " + request.getAddress()
        : "of pod " + request.getPod();
  }

  private static io.jilium.wire.agent.Endpoint endpoint(EndpointRow row) {
    Endpoint endpoint = row.endpoint();
    return io.jilium.wire.agent.Endpoint.newBuilder()
        .setId(endpoint.id())
        .setState(endpoint.state().text())
        .setIdentity(endpoint.identity().value())
        .addAllLabels(endpoint.labels().texts())
        .setIpv4(text(endpoint.ipv4()))
        .setIpv6(text(endpoint.ipv6()))
        .setNamespace(endpoint.pod().namespace())
        .setPod(endpoint.pod().name())
        .setContainerId(endpoint.containerId())
        .setNetns(endpoint.namespacePath())
        .setContainerInterface(endpoint.containerInterface())
        .setInterface(endpoint.interfaceName())
        .setIfindex(endpoint.interfaceIndex())
        .setMac(endpoint.mac().toString())
        .setHostMac(endpoint.nodeMac().toString())
        .setCreatedUnixNanos(nanos(row.created()))
        .setMessage(row.reason())
        .build();
  }

  private io.jilium.wire.agent.Node node(Node node) {
    boolean local = node.name().equals(state.nodeName()) && node.cluster().equals(state.cluster());
    var message =
        io.jilium.wire.agent.Node.newBuilder()
            .setName(node.name())
            .setCluster(node.cluster())
            .setSource(local ? "local" : state.sourceName())
            .setIpv4(text(node.address(true)))
            .setIpv6(text(node.address(false)));
    node.podCidrs(true).stream().map(IpPrefix::toString).forEach(message::addIpv4Cidrs);
    node.podCidrs(false).stream().map(IpPrefix::toString).forEach(message::addIpv6Cidrs);
    node.addresses()
        .forEach(address ->
            message.addAddresses(
                NodeAddress.newBuilder()
                    .setType(address.type().text())
                    .setAddress(address.address().toString())));
    return message.build();
  }

  private static Address address(IpcacheRow row, Map<NumericIdentity, Labels> labels) {
    return Address.newBuilder()
        .setCidr(row.prefix().toString())
        .setIdentity(row.identity().value())
        .addAllLabels(labels.getOrDefault(row.identity(), Labels.NONE).texts())
        .setSource(row.source())
        .setHost(text(row.tunnelEndpoint()))
        .setPod(name(row.pod()))
        .build();
  }

  private static String name(PodName pod) {
    return pod.equals(PodName.NONE) ? "" : pod.namespace() + "/" + pod.name();
  }

  private static String text(Optional<IpAddress> address) {
    return address.map(IpAddress::toString).orElse("");
  }

  static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS + instant.getNano();
  }

  private static <T> List<List<T>> parts(List<T> all) {
    var parts = new java.util.ArrayList<List<T>>();
    for (int from = 0; from < all.size(); from += PART) {
      parts.add(all.subList(from, Math.min(all.size(), from + PART)));
    }
    return parts;
  }
}
