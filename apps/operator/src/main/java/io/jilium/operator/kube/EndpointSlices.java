// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.slices.Slices;
import io.jilium.core.slices.Slices.Change;
import io.jilium.core.slices.Slices.Slice;
import io.jilium.operator.kube.Rows.EndpointRow;
import io.jilium.operator.kube.Rows.SliceRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/** Every CiliumEndpoint is in one CiliumEndpointSlice. */
final class EndpointSlices implements Duty {
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private final Table<EndpointRow> endpoints;
  private final Table<SliceRow> slices;
  private final Writer writer;
  private final OperatorMetrics metrics;
  private final Slices<JsonNode> decisions =
      new Slices<>(EndpointSlices::newName, Slices.MAX_ENDPOINTS);

  EndpointSlices(
      Table<EndpointRow> endpoints,
      Table<SliceRow> slices,
      Writer writer,
      OperatorMetrics metrics) {
    this.endpoints = endpoints;
    this.slices = slices;
    this.writer = writer;
    this.metrics = metrics;
  }

  /** As Cilium names them: {@code ces-} and two random words of 9 and 5 letters. */
  private static String newName() {
    var name = new StringBuilder("ces-");
    for (int i = 0; i < 14; i++) {
      if (i == 9) {
        name.append('-');
      }
      name.append(ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ALPHABET.length())));
    }
    return name.toString();
  }

  /** What a slice says of an endpoint. */
  static JsonNode core(JsonNode endpoint) {
    ObjectNode core = KubeApi.JSON.createObjectNode();
    core.put("name", Rows.name(endpoint));
    JsonNode status = endpoint.path("status");
    // Taken over as parsed: a number made here would not equal the one that is read back.
    if (status.path("identity").has("id")) {
      core.set("id", status.path("identity").path("id"));
    }
    for (String field : List.of("networking", "encryption", "named-ports", "service-account")) {
      JsonNode value = status.path(field);
      if (value.isTextual() || value.isNumber() || !value.isEmpty()) {
        core.set(field, value.deepCopy());
      }
    }
    return core;
  }

  @Override
  public String name() {
    return "CiliumEndpointSlices";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(endpoints, slices);
  }

  @Override
  public Duration period() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void work() {
    Map<String, Map<String, JsonNode>> wanted = new HashMap<>();
    for (EndpointRow endpoint : endpoints.values()) {
      if (endpoint.identity() != 0 && endpoint.core().has("networking")) {
        wanted
            .computeIfAbsent(endpoint.namespace(), namespace -> new HashMap<>())
            .put(endpoint.name(), endpoint.core());
      }
    }
    List<Slice<JsonNode>> have =
        slices.values().stream()
            .map(row -> new Slice<>(row.name(), row.namespace(), row.endpoints()))
            .toList();
    decisions.changes(have, wanted).forEach(this::write);
  }

  private void write(Change<JsonNode> change) {
    boolean done =
        switch (change) {
          case Change.Create<JsonNode>(Slice<JsonNode> slice) -> apply(slice);
          case Change.Update<JsonNode>(Slice<JsonNode> slice) -> apply(slice);
          case Change.Delete<JsonNode>(String name) -> {
            boolean gone =
                writer.delete(
                    Resource.CILIUM_ENDPOINT_SLICES,
                    Resource.CILIUM_ENDPOINT_SLICES.path(name),
                    "");
            if (gone) {
              slices.remove(name);
            }
            yield gone;
          }
        };
    metrics.count(
        "cilium_operator_ces_sync_total{outcome=\"" + (done ? "success" : "fail") + "\"}");
  }

  private boolean apply(Slice<JsonNode> slice) {
    ObjectNode object = KubeApi.JSON.createObjectNode();
    object.put("apiVersion", Resource.CILIUM_ENDPOINT_SLICES.apiVersion());
    object.put("kind", Resource.CILIUM_ENDPOINT_SLICES.kind());
    object.putObject("metadata").put("name", slice.name());
    object.put("namespace", slice.namespace());
    ArrayNode list = object.putArray("endpoints");
    new TreeMap<>(slice.endpoints()).values().forEach(list::add);
    var written =
        writer.apply(
            Resource.CILIUM_ENDPOINT_SLICES,
            Resource.CILIUM_ENDPOINT_SLICES.path(slice.name()),
            object);
    written.ifPresent(slices::put);
    return written.isPresent();
  }
}
