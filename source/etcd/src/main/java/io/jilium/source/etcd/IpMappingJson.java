// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;

/**
 * An address with its identity as Cilium writes it below cilium/state/ip (IPIdentityPair in
 * pkg/identity).
 */
final class IpMappingJson {
  private IpMappingJson() {}

  static String write(IpMapping mapping) {
    ObjectNode json = Json.object();
    json.put("IP", mapping.address().toString());
    json.putNull("Mask");
    json.put("HostIP", mapping.hostAddress().toString());
    json.put("ID", mapping.identity().value());
    json.put("Key", mapping.encryptKey());
    json.put("Metadata", "");
    if (!mapping.pod().isNone()) {
      json.put("K8sNamespace", mapping.pod().namespace());
      json.put("K8sPodName", mapping.pod().name());
    }
    return Json.write(json);
  }

  static IpMapping read(String text) {
    JsonNode json = Json.parse(text);
    String pod = Json.text(json, "K8sPodName");
    return new IpMapping(
        Json.address(json, "IP").orElseThrow(() -> new IllegalArgumentException("IP is missing")),
        Json.address(json, "HostIP")
            .orElseThrow(() -> new IllegalArgumentException("HostIP is missing")),
        new NumericIdentity(json.path("ID").asInt(0)),
        pod.isEmpty() ? PodName.NONE : new PodName(Json.text(json, "K8sNamespace"), pod),
        json.path("Key").asInt(0));
  }
}
