// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.operator.kube.Rows.ConditionedRow;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.ResourceWatcher;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Objects that are accepted but not acted on yet say so, lest somebody rely on them. */
final class PolicyConditions implements Duty {
  private static final String TYPE = "cilium.io/Enforced";
  private static final String REASON = "NotImplemented";
  private static final String MESSAGE =
      "Jilium does not act on this object yet: no traffic changes";

  private final Table<ConditionedRow> objects;
  private final Writer writer;

  PolicyConditions(Table<ConditionedRow> objects, Writer writer) {
    this.objects = objects;
    this.writer = writer;
  }

  static Optional<ConditionedRow> row(JsonNode object) {
    return Optional.of(
        new ConditionedRow(
            ResourceWatcher.key(object),
            object.path("metadata").path("generation").asLong(0),
            Rows.hasCondition(object, TYPE, "False")));
  }

  @Override
  public String name() {
    return "status of " + objects.resource().fullName();
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(objects);
  }

  @Override
  public Duration period() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void work() {
    for (ConditionedRow row : List.copyOf(objects.values())) {
      if (!row.told()) {
        tell(row);
      }
    }
  }

  private void tell(ConditionedRow row) {
    Resource resource = objects.resource();
    int slash = row.key().indexOf('/');
    String name = row.key().substring(slash + 1);
    ObjectNode object = KubeApi.JSON.createObjectNode();
    object.put("apiVersion", resource.apiVersion()).put("kind", resource.kind());
    ObjectNode metadata = object.putObject("metadata").put("name", name);
    object
        .putObject("status")
        .putArray("conditions")
        .addObject()
        .put("type", TYPE)
        .put("status", "False")
        .put("reason", REASON)
        .put("message", MESSAGE)
        .put("lastTransitionTime", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    String path;
    if (slash < 0) {
      path = resource.path(name, "status");
    } else {
      String namespace = row.key().substring(0, slash);
      metadata.put("namespace", namespace);
      path = resource.pathIn(namespace, name, "status");
    }
    writer.apply(resource, path, object).ifPresent(objects::put);
  }
}
