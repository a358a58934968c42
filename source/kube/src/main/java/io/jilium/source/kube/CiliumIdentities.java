// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.Identity;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.SecurityLabels;
import java.util.ArrayList;
import java.util.Optional;

/** CiliumIdentity of {@code cilium.io/v2}: the name is the number. */
final class CiliumIdentities {
  private static final int MOST_DIGITS = 9;

  private CiliumIdentities() {}

  /** Empty if the name is no number. */
  static Optional<NumericIdentity> number(String name) {
    return name.length() <= MOST_DIGITS && name.matches("[1-9][0-9]*")
        ? Optional.of(new NumericIdentity(Integer.parseInt(name)))
        : Optional.empty();
  }

  /**
   * @throws IllegalArgumentException when it does not say which labels it stands for
   */
  static Identity read(JsonNode object) {
    var id =
        number(Json.name(object))
            .orElseThrow(() -> new IllegalArgumentException("the name is no number"));
    var labels = labels(object);
    if (labels.isEmpty()) {
      throw new IllegalArgumentException("there are no security-labels");
    }
    return new Identity(id, labels);
  }

  static Labels labels(JsonNode object) {
    var labels = new ArrayList<Label>();
    object
        .path("security-labels")
        .properties()
        .forEach(entry -> {
          var parsed = Label.parse(entry.getKey());
          labels.add(new Label(parsed.source(), parsed.key(), entry.getValue().asText("")));
        });
    return Labels.of(labels);
  }

  /** The namespace is an ordinary label too, so that people can select by it. */
  static ObjectNode write(NumericIdentity id, Labels labels) {
    var object = KubeApi.JSON.createObjectNode();
    object.put("apiVersion", Resource.CILIUM_IDENTITIES.apiVersion());
    object.put("kind", Resource.CILIUM_IDENTITIES.kind());
    var metadata = object.putObject("metadata").put("name", id.toString());
    labels
        .get(SecurityLabels.NAMESPACE)
        .ifPresent(namespace ->
            metadata.putObject("labels").put(SecurityLabels.NAMESPACE, namespace.value()));
    var security = object.putObject("security-labels");
    labels.forEach(label -> security.put(label.source() + ":" + label.key(), label.value()));
    return object;
  }
}
