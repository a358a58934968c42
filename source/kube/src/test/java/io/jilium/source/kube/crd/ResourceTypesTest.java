// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceTypesTest {
  private final KubernetesSerialization json = new KubernetesSerialization();

  @Test
  void aNodeIsReadAndWrittenAsItIsInTheCluster() {
    String text =
        """
        {"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{"name":"node-a"},\
        "spec":{"addresses":[{"ip":"192.0.2.11","type":"InternalIP"}],"bootid":"4bfd541e",\
        "eni":{"vpc-id":"vpc-1"},\
        "ipam":{"podCIDRs":["10.244.1.0/24"],"pools":{"allocated":[{"cidrs":["10.9.0.0/28"],"pool":"red"}],\
        "requested":[{"needed":{"ipv4-addrs":9},"pool":"red"}]}}},\
        "status":{"ipam":{"operator-status":{"error":"no more prefixes"}}}}\
        """;
    CiliumNode node = json.unmarshal(text, CiliumNode.class);

    NodeIpam ipam = requireNonNull(node.getSpec().ipam());
    assertThat(ipam.podCIDRs()).containsExactly("10.244.1.0/24");
    assertThat(requireNonNull(ipam.pools()).requested())
        .containsExactly(new NodeIpam.Request("red", new NodeIpam.Demand(9, null)));
    assertThat(node.getStatus().ipamError()).isEqualTo("no more prefixes");
    assertThat(json.unmarshal(json.asJson(node), Object.class))
        .isEqualTo(json.unmarshal(text, Object.class));
  }

  @Test
  void anEndpointIsReadAndWrittenAsItIsInTheCluster() {
    String text =
        """
        {"apiVersion":"cilium.io/v2","kind":"CiliumEndpoint","metadata":{"name":"web","namespace":"shop"},\
        "status":{"id":713,"identity":{"id":64220,"labels":["k8s:app=web"]},\
        "external-identifiers":{"cni-attachment-id":"c1:eth0","container-id":"c1","k8s-namespace":"shop",\
        "k8s-pod-name":"web","pod-name":"shop/web"},\
        "named-ports":[{"name":"http","port":80,"protocol":"TCP"}],\
        "networking":{"addressing":[{"ipv4":"10.244.1.7"}],"node":"192.0.2.11"},"state":"ready"}}\
        """;
    CiliumEndpoint endpoint = json.unmarshal(text, CiliumEndpoint.class);

    assertThat(requireNonNull(endpoint.getStatus().identity()).id()).isEqualTo(64220);
    assertThat(json.unmarshal(json.asJson(endpoint), Object.class))
        .isEqualTo(json.unmarshal(text, Object.class));
  }

  @Test
  void anIdentityIsReadAndWrittenAsItIsInTheCluster() {
    String text =
        """
        {"apiVersion":"cilium.io/v2","kind":"CiliumIdentity","metadata":{"name":"64220"},\
        "security-labels":{"k8s:app":"web","k8s:io.kubernetes.pod.namespace":"shop"}}\
        """;
    CiliumIdentity identity = json.unmarshal(text, CiliumIdentity.class);

    assertThat(identity.getSecurityLabels()).containsEntry("k8s:app", "web");
    assertThat(json.unmarshal(json.asJson(identity), Object.class))
        .isEqualTo(json.unmarshal(text, Object.class));
  }

  @Test
  void aPoolKeepsItsSelectorsAndWhatItDoesNotSayIsAbsent() {
    CiliumPodIPPool pool =
        json.unmarshal(
            """
            {"apiVersion":"cilium.io/v2alpha1","kind":"CiliumPodIPPool","metadata":{"name":"red"},
             "spec":{"ipv4":{"cidrs":["10.9.0.0/16"],"maskSize":28},
                     "podSelector":{"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]}}}
            """,
            CiliumPodIPPool.class);

    assertThat(pool.getSpec().ipv4()).isEqualTo(new CiliumPodIPPool.V4(List.of("10.9.0.0/16"), 28));
    assertThat(pool.getSpec().ipv6()).isNull();
    assertThat(requireNonNull(pool.getSpec().podSelector()).matches(Map.of("tier", "b"))).isTrue();
  }

  @Test
  void everyKindHasADefinitionInTheJar() {
    assertThat(Crds.definitions())
        .hasSameSizeAs(Crds.KINDS)
        .allSatisfy(crd -> {
          assertThat(crd.getMetadata().getLabels()).containsKey(Crds.SCHEMA_VERSION_LABEL);
          assertThat(crd.getSpec().getVersions()).filteredOn("storage", true).hasSize(1);
        });
  }
}
