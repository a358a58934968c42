// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints of one namespace, up to a hundred in one object, so that nodes have fewer objects to
 * watch.
 */
@Group("cilium.io")
@Version("v2alpha1")
@Plural("ciliumendpointslices")
@ShortNames("ces")
@Definition(description = "Endpoints of one namespace, many in one object.", required = "endpoints")
public class CiliumEndpointSlice extends CustomResource<Void, Void> {
  private static final long serialVersionUID = 1L;

  private @Nullable String namespace;

  @SuppressWarnings(
      "serial") // Kubernetes objects are written as JSON, never by Java's serialization.
  private List<CoreEndpoint> endpoints = List.of();

  /** Namespace of the endpoints. */
  @JsonProperty("namespace")
  @JsonPropertyDescription("Namespace of the endpoints.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public @Nullable String getEndpointNamespace() {
    return namespace;
  }

  /** Sets the namespace of the endpoints. */
  @JsonProperty("namespace")
  public void setEndpointNamespace(@Nullable String name) {
    namespace = name;
  }

  /** The endpoints. */
  @JsonPropertyDescription("The endpoints.")
  public List<CoreEndpoint> getEndpoints() {
    return endpoints;
  }

  /** Sets the endpoints. */
  public void setEndpoints(@Nullable List<CoreEndpoint> given) {
    endpoints = Absent.list(given);
  }

  /**
   * What other nodes need of an endpoint.
   *
   * @param name the pod's
   * @param id number of the security identity
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"id": {"format": "int64"}}}
          """)
  public record CoreEndpoint(
      @JsonPropertyDescription("Name of the endpoint, which is the pod's.") @Nullable String name,
      @JsonPropertyDescription("Number of the security identity.") @Nullable Long id,
      @JsonPropertyDescription("Addresses of the endpoint and of its node.")
          CiliumEndpointStatus.@Nullable Networking networking,
      @JsonPropertyDescription("What is needed to encrypt traffic to the endpoint's node.")
          CiliumNodeSpec.@Nullable Encryption encryption,
      @JsonPropertyDescription("Ports of the containers that have a name.")
          @JsonProperty("named-ports")
          List<CiliumEndpointStatus.NamedPort> namedPorts,
      @JsonPropertyDescription("Service account of the pod.") @JsonProperty("service-account")
          @Nullable String serviceAccount) {

    /** An endpoint with missing ports taken as none. */
    public CoreEndpoint {
      namedPorts = Absent.list(namedPorts);
    }
  }
}
