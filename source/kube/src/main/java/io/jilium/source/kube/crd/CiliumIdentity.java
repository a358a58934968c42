// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Security-relevant labels and the number that stands for them; the number is the object's name.
 */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumidentities")
@ShortNames("ciliumid")
@Definition(
    required = {"security-labels"},
    description = "A security identity: the number that is its name stands for a set of labels.",
    statusSubresource = true)
@Column(
    name = "Namespace",
    jsonPath = ".metadata.labels.io\\.kubernetes\\.pod\\.namespace",
    description = "Namespace of the pods that have the identity")
@Column(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    description = "Time since the identity was made",
    type = "date")
public class CiliumIdentity extends CustomResource<Void, Void> {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings(
      "serial") // Kubernetes objects are written as JSON, never by Java's serialization.
  private Map<String, String> securityLabels = new HashMap<>();

  /** The labels: source and key, {@code k8s:app}, to value. */
  @Required
  @JsonProperty("security-labels")
  @JsonPropertyDescription("The labels of the identity, each key with its source: k8s:app.")
  public Map<String, String> getSecurityLabels() {
    return securityLabels;
  }

  /** Sets the labels: source and key, {@code k8s:app}, to value. */
  @JsonProperty("security-labels")
  public void setSecurityLabels(@Nullable Map<String, String> labels) {
    securityLabels = new HashMap<>(Absent.map(labels));
  }
}
