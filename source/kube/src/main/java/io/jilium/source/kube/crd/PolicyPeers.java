// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who the other side of a policy's rule may be, beyond labels of pods and nodes. */
public final class PolicyPeers {
  private PolicyPeers() {}

  /** A prefix with exceptions: written down, or of a CiliumCIDRGroup. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"oneOf": [{"required": ["cidr"]}, {"required": ["cidrGroupRef"]}, {"required": ["cidrGroupSelector"]}],
           "properties": {
             "cidr": {"format": "cidr"},
             "cidrGroupRef": {"maxLength": 253,
               "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"},
             "except": {"items": {"format": "cidr"}}}}
          """)
  public record CidrRule(
      @JsonPropertyDescription("The prefix.") @Nullable String cidr,
      @JsonPropertyDescription("Name of a CiliumCIDRGroup.") @Nullable String cidrGroupRef,
      @JsonPropertyDescription("CiliumCIDRGroups by their labels.")
          @Nullable LabelSelector cidrGroupSelector,
      @JsonPropertyDescription("Prefixes in it that are not meant.")
          @Nullable List<String> except) {}

  /** A group that a provider of machines knows. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ProviderGroup(
      @JsonPropertyDescription("Security groups of AWS.") @Nullable AwsGroup aws) {}

  /** Security groups of AWS. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record AwsGroup(
      @JsonPropertyDescription("Tags of the groups.") @Nullable Map<String, String> labels,
      @JsonPropertyDescription("Identifiers of the groups.")
          @Nullable List<String> securityGroupsIds,
      @JsonPropertyDescription("Names of the groups.") @Nullable List<String> securityGroupsNames,
      @JsonPropertyDescription("Region of the groups.") @Nullable String region) {}

  /** A name in the DNS, exact or with wildcards. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"oneOf": [{"required": ["matchName"]}, {"required": ["matchPattern"]}]}
          """)
  public record DnsName(
      @Size(max = 255) @Pattern("^([-a-zA-Z0-9_]+[.]?)+$") @JsonPropertyDescription("The name, without wildcards.")
          @Nullable String matchName,
      @Size(max = 255) @Pattern("^([-a-zA-Z0-9_*]+[.]?)+$") @JsonPropertyDescription("The name with * for any characters but a dot.")
          @Nullable String matchPattern) {}

  /** A service of the cluster, by name or by labels. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ServiceRule(
      @JsonPropertyDescription("A service by its name.") @Nullable ServiceName k8sService,
      @JsonPropertyDescription("Services by their labels.")
          @Nullable ServiceSelector k8sServiceSelector) {}

  /** A service by its name. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ServiceName(
      @JsonPropertyDescription("Name of the service.") @Nullable String serviceName,
      @JsonPropertyDescription("Namespace of the service.") @Nullable String namespace) {}

  /** Services by their labels. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ServiceSelector(
      @Required @JsonPropertyDescription("Labels of the services.") LabelSelector selector,
      @JsonPropertyDescription("Namespace of the services.") @Nullable String namespace) {}

  /** Whether the peer has to prove who it is. */
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"mode": {"enum": ["disabled", "required", "test-always-fail"]}}}
          """)
  public record Authentication(
      @Required @JsonPropertyDescription("disabled, required or test-always-fail.") String mode) {}
}
