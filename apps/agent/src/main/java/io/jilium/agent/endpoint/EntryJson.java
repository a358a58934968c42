// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;

/**
 * An endpoint as {@code ep_config.json} holds it. The state is not kept: after a start it is
 * restoring.
 */
final class EntryJson {
  private static final ObjectMapper MAPPER = new JsonMapper();

  private EntryJson() {}

  static byte[] write(Entry entry) {
    var endpoint = entry.endpoint();
    var json = MAPPER.createObjectNode();
    json.put("ID", endpoint.id());
    json.put("ContainerID", endpoint.containerId());
    json.put("ContainerNetnsPath", endpoint.namespacePath());
    json.put("ContainerIfName", endpoint.containerInterface());
    json.put("IfName", endpoint.interfaceName());
    json.put("IfIndex", endpoint.interfaceIndex());
    json.put("LXCMAC", endpoint.mac().toString());
    json.put("NodeMAC", endpoint.nodeMac().toString());
    var addresses = json.putArray("Addresses");
    endpoint.addresses().forEach(address -> addresses.add(address.toString()));
    json.put("K8sNamespace", endpoint.pod().namespace());
    json.put("K8sPodName", endpoint.pod().name());
    json.put("K8sUID", entry.row().podUid());
    json.put("SecLabel", endpoint.identity().value());
    json.put("Labels", endpoint.labels().identityKey());
    json.put("NetworkName", entry.networkName());
    json.put("Created", entry.row().created().toString());
    return json.toPrettyString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Throws IOException naming the field that is wrong. */
  static Entry read(byte[] bytes) throws IOException {
    var json = MAPPER.readTree(bytes);
    try {
      var addresses = new ArrayList<IpAddress>();
      field(json, "Addresses").forEach(address -> addresses.add(IpAddress.parse(address.asText())));
      var endpoint =
          new Endpoint(
              field(json, "ID").asInt(),
              text(json, "ContainerID"),
              text(json, "IfName"),
              field(json, "IfIndex").asInt(),
              text(json, "ContainerIfName"),
              text(json, "ContainerNetnsPath"),
              new PodName(text(json, "K8sNamespace"), text(json, "K8sPodName")),
              Labels.parseIdentityKey(text(json, "Labels")),
              new NumericIdentity(field(json, "SecLabel").asInt()),
              addresses,
              MacAddress.parse(text(json, "LXCMAC")),
              MacAddress.parse(text(json, "NodeMAC")),
              EndpointState.RESTORING);
      var row =
          new EndpointRow(endpoint, "", text(json, "K8sUID"), Instant.parse(text(json, "Created")));
      return new Entry(row, text(json, "NetworkName"));
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static String text(JsonNode json, String name) throws IOException {
    return field(json, name).asText();
  }

  private static JsonNode field(JsonNode json, String name) throws IOException {
    var field = json.get(name);
    if (field == null) {
      throw new IOException(name + " is missing");
    }
    return field;
  }
}
