// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A node as Cilium writes it below cilium/state/nodes (pkg/node/types/node.go). */
final class NodeJson {
  private NodeJson() {}

  static String write(Node node) {
    ObjectNode json = Json.object();
    json.put("Name", node.name());
    json.put("Cluster", node.cluster());
    var addresses = json.putArray("IPAddresses");
    node.addresses()
        .forEach(a ->
            addresses.addObject().put("Type", a.type().text()).put("IP", a.address().toString()));
    family(json, "IPv4", node, true);
    family(json, "IPv6", node, false);
    json.put("ClusterID", node.clusterId());
    json.put("Source", "local");
    json.put("EncryptionKey", 0);
    json.set("Labels", Json.texts(node.labels()));
    json.putNull("Annotations");
    json.put("NodeIdentity", 1);
    json.put("WireguardPubKey", "");
    json.put("BootID", node.bootId());
    return Json.write(json);
  }

  private static void family(ObjectNode json, String family, Node node, boolean v4) {
    List<IpPrefix> cidrs = node.podCidrs(v4);
    json.set(family + "AllocCIDR", cidrs.isEmpty() ? NullNode.instance : cidr(cidrs.getFirst()));
    if (cidrs.size() > 1) {
      var more = json.putArray(family + "SecondaryAllocCIDRs");
      cidrs.stream().skip(1).forEach(cidr -> more.add(cidr(cidr)));
    } else {
      json.putNull(family + "SecondaryAllocCIDRs");
    }
    json.put(family + "HealthIP", node.healthAddress(v4).map(IpAddress::toString).orElse(null));
    json.putNull(family + "IngressIP");
  }

  /** Go's net.IPNet: the mask is base64 of its bytes. */
  private static ObjectNode cidr(IpPrefix prefix) {
    return Json.object()
        .put("IP", prefix.address().toString())
        .put("Mask", Base64.getEncoder().encodeToString(prefix.mask().bytes()));
  }

  static Node read(String text) {
    JsonNode json = Json.parse(text);
    List<NodeAddress> addresses = new ArrayList<>();
    for (JsonNode address : json.path("IPAddresses")) {
      NodeAddress.Type.named(Json.text(address, "Type"))
          .ifPresent(type ->
              addresses.add(new NodeAddress(type, IpAddress.parse(Json.text(address, "IP")))));
    }
    List<IpPrefix> cidrs = new ArrayList<>();
    List<IpAddress> health = new ArrayList<>();
    for (String family : List.of("IPv4", "IPv6")) {
      addCidr(json.path(family + "AllocCIDR"), cidrs);
      json.path(family + "SecondaryAllocCIDRs").forEach(cidr -> addCidr(cidr, cidrs));
      Json.address(json, family + "HealthIP").ifPresent(health::add);
    }
    String name = Json.text(json, "Name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a node without a name");
    }
    return new Node(
        name,
        Json.text(json, "Cluster"),
        json.path("ClusterID").asInt(0),
        addresses,
        cidrs,
        health,
        Json.texts(json.path("Labels")),
        Json.text(json, "BootID"));
  }

  private static void addCidr(JsonNode cidr, List<IpPrefix> into) {
    if (cidr.isObject()) {
      byte[] mask = Base64.getDecoder().decode(Json.text(cidr, "Mask"));
      into.add(
          IpPrefix.of(IpAddress.parse(Json.text(cidr, "IP")), new BigInteger(1, mask).bitCount()));
    }
  }
}
