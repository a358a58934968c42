// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ports of a policy's rule, and what of the protocol spoken at them is allowed. */
public final class PolicyPorts {
  private PolicyPorts() {}

  /** Ports, and what is allowed of what is spoken there. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"serverNames": {"x-kubernetes-list-type": "set",
             "items": {"maxLength": 255, "pattern": "^([-a-zA-Z0-9_*]+[.]?)+$"}}}}
          """)
  public record PortRule(
      @Size(max = 40) @JsonPropertyDescription("The ports; missing: all.")
          @Nullable List<PortProtocol> ports,
      @JsonPropertyDescription("TLS towards clients.") @Nullable TlsContext terminatingTLS,
      @JsonPropertyDescription("TLS towards servers.") @Nullable TlsContext originatingTLS,
      @Size(min = 1) @JsonPropertyDescription("Names that clients may ask for in TLS.")
          @Nullable List<String> serverNames,
      @JsonPropertyDescription("An Envoy listener that gets the traffic.")
          @Nullable Listener listener,
      @JsonPropertyDescription("What of the protocol is allowed; missing: everything.")
          @Nullable L7Rules rules) {}

  /** Ports that are denied. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PortDenyRule(
      @Size(max = 40) @JsonPropertyDescription("The ports; missing: all.")
          @Nullable List<PortProtocol> ports) {}

  /** A port or a range of ports. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {
             "port": {"pattern":
               "^(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4})|([a-zA-Z0-9]-?)*[a-zA-Z](-?[a-zA-Z0-9])*$"},
             "endPort": {"format": "int32"},
             "protocol": {"enum": ["TCP", "UDP", "SCTP", "VRRP", "IGMP", "ANY"]}}}
          """)
  public record PortProtocol(
      @JsonPropertyDescription(
              "Number of the port, or its name in the pod; 0 or missing: all ports.")
          @Nullable String port,
      @Min(0) @Max(65535) @JsonPropertyDescription("Last port of the range.")
          @Nullable Integer endPort,
      @JsonPropertyDescription("TCP, UDP, SCTP, VRRP or IGMP; ANY or missing: all that have ports.")
          @Nullable String protocol) {}

  /** Keys and certificates. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TlsContext(
      @Required @JsonPropertyDescription("The secret that has them.") SecretName secret,
      @JsonPropertyDescription("Entry of the trusted authority; missing: ca.crt.")
          @Nullable String trustedCA,
      @JsonPropertyDescription("Entry of the certificate; missing: tls.crt.")
          @Nullable String certificate,
      @JsonPropertyDescription("Entry of the private key; missing: tls.key.")
          @Nullable String privateKey) {}

  /** A secret. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SecretName(
      @Required @JsonPropertyDescription("Name of the secret.") String name,
      @JsonPropertyDescription("Namespace of the secret.") @Nullable String namespace) {}

  /** A listener of Envoy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Listener(
      @Required @JsonPropertyDescription("The configuration that has the listener.")
          EnvoyConfigName envoyConfig,
      @Required @Size(min = 1) @JsonPropertyDescription("Name of the listener.") String name,
      @Min(1) @Max(100) @JsonPropertyDescription("Which of several listeners wins: the lowest.")
          @Nullable Integer priority) {}

  /** A configuration of Envoy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"kind": {"enum": ["CiliumEnvoyConfig", "CiliumClusterwideEnvoyConfig"]}}}
          """)
  public record EnvoyConfigName(
      @JsonPropertyDescription("Kind of the configuration.") @Nullable String kind,
      @Required @Size(min = 1) @JsonPropertyDescription("Name of the configuration.")
          String name) {}

  /** What of one protocol is allowed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"oneOf": [{"required": ["http"]}, {"required": ["kafka"]}, {"required": ["dns"]},
                     {"required": ["l7proto"]}]}
          """)
  public record L7Rules(
      @JsonPropertyDescription("HTTP requests.") @Nullable List<HttpRule> http,
      @JsonPropertyDescription("Kafka requests.") @Nullable List<KafkaRule> kafka,
      @JsonPropertyDescription("Names that may be looked up.")
          @Nullable List<PolicyPeers.DnsName> dns,
      @JsonPropertyDescription("Name of another protocol.") @Nullable String l7proto,
      @JsonPropertyDescription("Rules of that protocol.") @Nullable List<Map<String, String>> l7) {}

  /**
   * HTTP requests; what is missing does not matter. Expressions are POSIX extended and match the
   * whole value.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record HttpRule(
      @JsonPropertyDescription("Expression of the path.") @Nullable String path,
      @JsonPropertyDescription("Expression of the method.") @Nullable String method,
      @JsonPropertyDescription("Expression of the host.") @Nullable String host,
      @JsonPropertyDescription("Headers that must be there.") @Nullable List<String> headers,
      @JsonPropertyDescription(
              "Headers that must be there, with a value, and what to do otherwise.")
          @Nullable List<HeaderMatch> headerMatches) {}

  /** A header with a value. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"mismatch": {"enum": ["LOG", "ADD", "DELETE", "REPLACE"]}}}
          """)
  public record HeaderMatch(
      @JsonPropertyDescription("What to do if the header differs; missing: refuse the request.")
          @Nullable String mismatch,
      @Required @Size(min = 1) @JsonPropertyDescription("Name of the header.") String name,
      @JsonPropertyDescription("A secret that has the value.") @Nullable SecretName secret,
      @JsonPropertyDescription("The value.") @Nullable String value) {}

  /** Kafka requests; what is missing does not matter. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"role": {"enum": ["produce", "consume"]}}}
          """)
  public record KafkaRule(
      @JsonPropertyDescription("The requests of a producer, or of a consumer.")
          @Nullable String role,
      @JsonPropertyDescription("Kind of the request.") @Nullable String apiKey,
      @JsonPropertyDescription("Version of the request.") @Nullable String apiVersion,
      @JsonPropertyDescription("Name of the client.") @Nullable String clientID,
      @Size(max = 255) @JsonPropertyDescription("The topic.") @Nullable String topic) {}

  /** Kinds of ICMP messages. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record IcmpRule(
      @Size(max = 40) @JsonPropertyDescription("The kinds.") @Nullable List<IcmpField> fields) {}

  /** A kind of ICMP messages. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {
             "family": {"enum": ["IPv4", "IPv6"]},
             "type": {"pattern": "^([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]|[A-Z][A-Za-z]+( Reply)?)$"}}}
          """)
  public record IcmpField(
      @Default("IPv4") @JsonPropertyDescription("IPv4 or IPv6.") @Nullable String family,
      @Required
          @JsonPropertyDescription("Number of the type, 0 to 255, or its name, as EchoRequest.")
          IntOrString type) {}
}
