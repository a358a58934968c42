// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.jilium.test.kube.kit.ApiServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The definitions at a real API server. */
@Tag("kube")
class CrdsTest {
  private static ApiServer server;

  @BeforeAll
  static void install(@TempDir Path directory) {
    server = ApiServer.start(directory);
    var yaml = new KubernetesSerialization();
    Crds.definitions().forEach(crd -> server.apply(yaml.asYaml(crd)));
    server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static String object(String version, String kind, String namespace, String rest) {
    String metadata = namespace.isEmpty() ? "" : ", namespace: " + namespace;
    return "{apiVersion: cilium.io/%s, kind: %s, metadata: {name: x%s}, %s}"
        .formatted(version, kind, metadata, rest);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "cn",
        "ciliumn",
        "cep",
        "ciliumep",
        "ces",
        "ciliumid",
        "cnp",
        "ciliumnp",
        "ccnp",
        "ccg",
        "ippools",
        "lbippool",
        "cpip"
      })
  void kindsHaveTheirShortNames(String name) {
    var get = server.kubectlCommand().with(List.of("get", name, "-A", "-o", "name")).attempt();

    assertThat(get.succeeded()).as(get.output()).isTrue();
  }

  @ParameterizedTest(name = "{0} {1}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "v2 | CiliumNode | '' | spec: {addresses: [{ip: 192.0.2.1, type: InternalIP}], alibaba-cloud: {}, azure: {},"
            + " encryption: {}, eni: {vpc-id: v}, health: {}, ingress: {}, ipam: {podCIDRs: [10.0.0.0/24], pools: {}}}",
        "v2 | CiliumIdentity | '' | security-labels: {'k8s:app': web}",
        "v2alpha1 | CiliumPodIPPool | '' | spec: {ipv4: {cidrs: [10.20.0.0/16], maskSize: 24}}",
        "v2 | CiliumNodeConfig | default | spec: {nodeSelector: {}, defaults: {mtu: '1400'}}",
        "v2alpha1 | CiliumNodeConfig | default | spec: {nodeSelector: {}, defaults: {mtu: '1400'}}",
        "v2alpha1 | CiliumCIDRGroup | '' | spec: {externalCIDRs: [192.0.2.0/24]}",
        "v2 | CiliumLoadBalancerIPPool | '' | spec: {blocks: [{cidr: 192.0.2.0/24}, {start: 198.51.100.1}]}",
        "v2alpha1 | CiliumLoadBalancerIPPool | '' | spec: {blocks: [{start: 192.0.2.1, stop: 192.0.2.9}]}",
        "v2 | CiliumNetworkPolicy | default | specs: [{endpointSelector: {matchLabels: {'any:app': web}}, ingress:"
            + " [{fromEndpoints: [{}], toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{method:"
            + " GET}]}}]}], egress: [{toFQDNs: [{matchPattern: '*.example.com'}]}]}]",
        "v2 | CiliumClusterwideNetworkPolicy | '' | spec: {nodeSelector: {}, ingressDeny: [{icmps: [{fields: [{type:"
            + " EchoRequest}, {type: 8}]}]}], enableDefaultDeny: {ingress: false}}"
      })
  void manifestsMadeForCiliumAreTaken(String version, String kind, String namespace, String rest) {
    assertThat(server.apply(object(version, kind, namespace, rest))).contains("serverside-applied");
  }

  @ParameterizedTest(name = "{0} {2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "CiliumNode | '' | spec: {ipam: {pre-allocate: -1}} | spec.ipam.pre-allocate",
        "CiliumIdentity | '' | security-labels: [web] | security-labels",
        "CiliumEndpoint | default | status: {state: fine} | status.state",
        "CiliumEndpoint | default | status: {networking: {node: 192.0.2.1}} | status.networking.addressing",
        "CiliumNodeConfig | default | spec: {defaults: {}} | spec.nodeSelector",
        "CiliumCIDRGroup | '' | spec: {externalCIDRs: [192.0.2.0/33]} | spec.externalCIDRs[0]",
        "CiliumLoadBalancerIPPool | '' | spec: {blocks: [{}]} | spec.blocks[0]",
        "CiliumLoadBalancerIPPool | '' | spec: {allowFirstLastIPs: Maybe} | spec.allowFirstLastIPs",
        "CiliumNetworkPolicy | default | status: {} | 'spec or specs must be given'",
        "CiliumNetworkPolicy | default | spec: {nodeSelector: {}, ingress: []} | spec.nodeSelector",
        "CiliumNetworkPolicy | default | spec: {endpointSelector: {}, ingres: []} | .spec.ingres",
        "CiliumNetworkPolicy | default | spec: {endpointSelector: {}, ingress: [{fromEntities: [wrld]}]} |"
            + " spec.ingress[0].fromEntities[0]",
        "CiliumClusterwideNetworkPolicy | '' | spec: {endpointSelector: {}, egress: [{toCIDRSet: [{cidr: 10.0.0.0/8,"
            + " cidrGroupRef: g}]}]} | spec.egress[0].toCIDRSet[0]"
      })
  void whatIsWrongIsRefusedWithTheFieldNamed(
      String kind, String namespace, String rest, String named) {
    String wrong = object("v2", kind, namespace, rest).replace("name: x", "name: wrong");

    assertThatThrownBy(() -> server.apply(wrong)).hasMessageContaining(named);
  }

  @Test
  void thePrefixLengthOfAPoolStays() {
    server.apply(
        object(
                "v2alpha1",
                "CiliumPodIPPool",
                "",
                "spec: {ipv4: {cidrs: [10.9.0.0/16], maskSize: 24}}")
            .replace("name: x", "name: fixed"));

    assertThatThrownBy(() ->
            server.kubectl(
                "patch",
                "cpip",
                "fixed",
                "--type=merge",
                "-p",
                "{\"spec\":{\"ipv4\":{\"maskSize\":25}}}"))
        .hasMessageContaining("maskSize is immutable");
  }

  @Test
  void columnsAreThoseOfCilium() {
    server.apply(
        object(
            "v2",
            "CiliumEndpoint",
            "default",
            "status: {identity: {id: 64220}, state: ready, networking: {addressing: [{ipv4: 10.0.0.7}]}}"));

    assertThat(server.kubectl("get", "cep", "-A", "-o", "wide").replaceAll(" {2,}", "|"))
        .startsWith(
            "NAMESPACE|NAME|SECURITY IDENTITY|INGRESS ENFORCEMENT|EGRESS ENFORCEMENT|ENDPOINT STATE|IPV4|IPV6")
        .contains("default|x|64220|ready|10.0.0.7");
  }

  @Test
  void explainTellsWhatAFieldMeans() {
    assertThat(server.kubectl("explain", "ciliumnodes.spec.ipam.podCIDRs"))
        .contains("Prefixes out of which the node gives addresses to its pods");
  }
}
