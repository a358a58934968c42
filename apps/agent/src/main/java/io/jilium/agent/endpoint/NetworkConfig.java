// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jilium.agent.endpoint.CniException.Code;
import io.jilium.core.model.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The network configuration as a runtime gives it on stdin.
 *
 * @param previousAddresses those of prevResult, empty when there is none
 * @param validAttachments of GC; empty list when the key is absent
 */
record NetworkConfig(
    CniVersion version,
    String name,
    Optional<List<IpAddress>> previousAddresses,
    Optional<Set<Attachment>> validAttachments) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)
          .build();

  /** The version that errors are to be answered in, also when the rest is unreadable. */
  static CniVersion versionOf(String input) {
    try {
      return CniVersion.of(STRICT.readTree(input).path("cniVersion").asText())
          .orElse(CniVersion.LATEST);
    } catch (JsonProcessingException e) {
      return CniVersion.LATEST;
    }
  }

  static NetworkConfig parse(CniCommand command, String input) {
    var json = object(input);
    var version = version(json, command);
    var name = text(json, "name");
    if (!NAME.matcher(name).matches()) {
      throw new CniException(
          Code.INVALID_CONFIG,
          "network configuration: name \"" + name + "\" is not letters, digits, '_', '.' and '-'");
    }
    if (json.has("ipam") && !json.get("ipam").path("type").asText().isEmpty()) {
      throw new CniException(
          Code.UNSUPPORTED_FIELD,
          "network configuration: ipam: Jilium allocates addresses itself and calls no IPAM plugin");
    }
    return new NetworkConfig(version, name, previous(json), valid(json));
  }

  private static JsonNode object(String input) {
    JsonNode json;
    try {
      json = STRICT.readTree(input);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new CniException(
          Code.DECODING,
          "network configuration: line %d, column %d: %s"
              .formatted(at.getLineNr(), at.getColumnNr(), e.getOriginalMessage()));
    }
    if (json.isMissingNode()) {
      throw new CniException(Code.DECODING, "network configuration: stdin is empty");
    }
    if (!json.isObject()) {
      throw new CniException(Code.DECODING, "network configuration: not a JSON object");
    }
    return json;
  }

  private static CniVersion version(JsonNode json, CniCommand command) {
    var text = text(json, "cniVersion");
    var version =
        CniVersion.of(text)
            .orElseThrow(() ->
                new CniException(
                    Code.INCOMPATIBLE_VERSION,
                    "network configuration: cniVersion \"" + text + "\" is not supported",
                    "supported: " + CniVersion.supported()));
    if (!version.atLeast(command.since())) {
      throw new CniException(
          Code.INCOMPATIBLE_VERSION,
          "%s needs cniVersion %s, not %s"
              .formatted(command, command.since().text(), version.text()));
    }
    return version;
  }

  private static String text(JsonNode json, String field) {
    var value = json.path(field);
    if (value.isMissingNode()) {
      throw new CniException(
          Code.INVALID_CONFIG, "network configuration: " + field + " is missing");
    }
    if (!value.isTextual()) {
      throw wrongType(field, "a string", value);
    }
    return value.asText();
  }

  private static Optional<List<IpAddress>> previous(JsonNode json) {
    var result = json.path("prevResult");
    if (result.isMissingNode() || result.isNull()) {
      return Optional.empty();
    }
    if (!result.isObject()) {
      throw wrongType("prevResult", "an object", result);
    }
    var addresses = new ArrayList<IpAddress>();
    for (var ip : result.path("ips")) {
      var text = ip.path("address").asText();
      int slash = text.indexOf('/');
      try {
        addresses.add(IpAddress.parse(slash < 0 ? text : text.substring(0, slash)));
      } catch (IllegalArgumentException e) {
        throw new CniException(
            Code.INVALID_CONFIG,
            "network configuration: prevResult.ips: \"" + text + "\" is not an address");
      }
    }
    return Optional.of(addresses);
  }

  private static Optional<Set<Attachment>> valid(JsonNode json) {
    var field =
        json.has("cni.dev/valid-attachments") ? "cni.dev/valid-attachments" : "cni.dev/attachments";
    var list = json.path(field);
    if (list.isMissingNode() || list.isNull()) {
      return Optional.empty();
    }
    if (!list.isArray()) {
      throw wrongType(field, "a list", list);
    }
    var attachments = new HashSet<Attachment>();
    for (var item : list) {
      var container = item.path("containerID");
      var name = item.path("ifname");
      if (!container.isTextual() || !name.isTextual()) {
        throw wrongType(field + "[]", "an object with strings containerID and ifname", item);
      }
      attachments.add(new Attachment(container.asText(), name.asText()));
    }
    return Optional.of(attachments);
  }

  private static CniException wrongType(String field, String wanted, JsonNode value) {
    var shown = value.toString();
    return new CniException(
        Code.INVALID_CONFIG,
        "network configuration: %s is not %s: %s"
            .formatted(field, wanted, shown.length() > 60 ? shown.substring(0, 60) + "…" : shown));
  }
}
