// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the agent of a node says of a pod's endpoint.
 *
 * @param id number of the endpoint on its node
 * @param state ready, or one of the states before and after
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
        """
        {"properties": {
           "id": {"format": "int64"},
           "state": {"enum": ["creating", "waiting-for-identity", "not-ready",
             "waiting-to-regenerate", "regenerating", "restoring", "ready", "disconnecting",
             "disconnected", "invalid"]}}}
        """)
public record CiliumEndpointStatus(
    @JsonPropertyDescription("Number of the endpoint on its node.") @Nullable Long id,
    @JsonPropertyDescription("Failing background tasks of the endpoint.")
        List<FailingController> controllers,
    @JsonPropertyDescription("What is needed to encrypt traffic to the endpoint's node.")
        CiliumNodeSpec.@Nullable Encryption encryption,
    @JsonPropertyDescription("How the container runtime and Kubernetes call the endpoint.")
        @JsonProperty("external-identifiers")
        @Nullable ExternalIdentifiers externalIdentifiers,
    @JsonPropertyDescription("Health of the endpoint.") @Nullable Health health,
    @JsonPropertyDescription("The security identity that follows from the pod's labels.")
        @Nullable EndpointIdentity identity,
    @JsonPropertyDescription("The last warnings and errors.") List<LogEntry> log,
    @JsonPropertyDescription("Ports of the containers that have a name.")
        @JsonProperty("named-ports")
        List<NamedPort> namedPorts,
    @JsonPropertyDescription("Addresses of the endpoint and of its node.")
        @Nullable Networking networking,
    @JsonPropertyDescription("Whether policy applies, and to whom it allows what.")
        @Nullable EndpointPolicy policy,
    @JsonPropertyDescription("Service account of the pod.") @JsonProperty("service-account")
        @Nullable String serviceAccount,
    @JsonPropertyDescription("How far the endpoint is set up.") @Nullable String state) {

  /** An endpoint of which nothing is known. */
  public static final CiliumEndpointStatus EMPTY =
      new CiliumEndpointStatus(
          null, List.of(), null, null, null, null, List.of(), List.of(), null, null, null, null);

  /** A status with what is missing taken as empty. */
  public CiliumEndpointStatus {
    controllers = Absent.list(controllers);
    log = Absent.list(log);
    namedPorts = Absent.list(namedPorts);
  }

  /**
   * How others call the endpoint.
   *
   * @param cniAttachmentId container and interface, as CNI calls them: {@code ID:eth0}
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record ExternalIdentifiers(
      @JsonPropertyDescription("Container and interface: what CNI attached.")
          @JsonProperty("cni-attachment-id")
          @Nullable String cniAttachmentId,
      @JsonPropertyDescription("The runtime's number of the container.")
          @JsonProperty("container-id")
          @Nullable String containerId,
      @JsonPropertyDescription("The runtime's name of the container.")
          @JsonProperty("container-name")
          @Nullable String containerName,
      @JsonPropertyDescription("Docker's number of the endpoint.")
          @JsonProperty("docker-endpoint-id")
          @Nullable String dockerEndpointId,
      @JsonPropertyDescription("Docker's number of the network.") @JsonProperty("docker-network-id")
          @Nullable String dockerNetworkId,
      @JsonPropertyDescription("Namespace of the pod.") @JsonProperty("k8s-namespace")
          @Nullable String k8sNamespace,
      @JsonPropertyDescription("Name of the pod.") @JsonProperty("k8s-pod-name")
          @Nullable String k8sPodName,
      @JsonPropertyDescription("Namespace and name of the pod.") @JsonProperty("pod-name")
          @Nullable String podName) {}

  /**
   * A security identity.
   *
   * @param labels with their source, {@code k8s:app=web}
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"id": {"format": "int64"}}}
          """)
  public record EndpointIdentity(
      @JsonPropertyDescription("Number of the identity.") @Nullable Long id,
      @JsonPropertyDescription("Labels that make the identity, source:key=value.")
          List<String> labels) {

    /** An identity with missing labels taken as none. */
    public EndpointIdentity {
      labels = Absent.list(labels);
    }
  }

  /**
   * Addresses.
   *
   * @param node the address by which other nodes reach the endpoint's node
   */
  public record Networking(
      @Required @JsonPropertyDescription("Addresses of the endpoint.") List<AddressPair> addressing,
      @JsonInclude(JsonInclude.Include.NON_EMPTY)
          @JsonPropertyDescription("Address by which other nodes reach the endpoint's node.")
          @Nullable String node) {

    /** Addresses, missing ones taken as none. */
    public Networking {
      addressing = Absent.list(addressing);
    }
  }

  /** A container's port that has a name. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"protocol": {"enum":
             ["TCP", "UDP", "SCTP", "ICMP", "ICMPV6", "VRRP", "IGMP", "ANY"]}}}
          """)
  public record NamedPort(
      @JsonPropertyDescription("Name of the port.") @Nullable String name,
      @JsonPropertyDescription("Number of the port.") @Nullable Integer port,
      @JsonPropertyDescription("Protocol of the port.") @Nullable String protocol) {}

  /** How well an endpoint does. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Health(
      @JsonPropertyDescription("State of the programs in the kernel.") @Nullable String bpf,
      @JsonPropertyDescription("State of the endpoint's policy.") @Nullable String policy,
      @JsonPropertyDescription("Whether the endpoint has its connection.")
          @Nullable Boolean connected,
      @JsonPropertyDescription("The worst of the states.") @Nullable String overallHealth) {}

  /** A warning or error. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"code": {"enum": ["ok", "failed"]}}}
          """)
  public record LogEntry(
      @JsonPropertyDescription("ok or failed.") @Nullable String code,
      @JsonPropertyDescription("What happened.") @Nullable String message,
      @JsonPropertyDescription("The endpoint's state at that time.") @Nullable String state,
      @JsonPropertyDescription("When it happened.") @Nullable String timestamp) {}
}
