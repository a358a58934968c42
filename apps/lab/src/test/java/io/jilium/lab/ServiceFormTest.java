// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

final class ServiceFormTest {
  private final ServiceAddresses taken = new ServiceAddresses();

  private static Section service(String spec) {
    Map<String, Object> content = new Yaml().load("metadata: {name: a}\nspec: " + spec);
    return Section.root(content);
  }

  private Section complete(String owner, String spec, Optional<Section> before) {
    var root = service(spec);
    ServiceForm.complete(taken, owner, root, before);
    return root.section("spec");
  }

  private Section complete(String owner, String spec) {
    return complete(owner, spec, Optional.empty());
  }

  @Test
  void defaultsAreThoseOfKubernetes() {
    var spec = complete("d/a", "{ports: [{port: 80}]}");
    assertThat(spec.text("type")).contains("ClusterIP");
    assertThat(spec.text("clusterIP")).contains("10.96.1.0");
    assertThat(spec.texts("ipFamilies")).containsExactly("IPv4");
    assertThat(spec.text("internalTrafficPolicy")).contains("Cluster");
    assertThat(spec.has("externalTrafficPolicy")).isFalse();
    var port = spec.sections("ports").getFirst();
    assertThat(port.text("protocol")).contains("TCP");
    assertThat(port.number("targetPort", 1, 65535)).hasValue(80);
  }

  @Test
  void aNodePortOfZeroIsNone() {
    complete("d/a", "{ports: [{port: 80, nodePort: 0}]}");
    complete("d/b", "{ports: [{port: 80, nodePort: 0}]}");
    assertThat(nodePort(complete("d/c", "{type: NodePort, ports: [{port: 80, nodePort: 0}]}")))
        .isEqualTo(30086);
  }

  @Test
  void addressesAndPortsAreGivenOnceAndKept() {
    var first =
        complete("d/a", "{type: NodePort, ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}");
    var second = complete("d/b", "{type: NodePort, ports: [{port: 80}]}");
    assertThat(first.texts("clusterIPs")).containsExactly("10.96.1.0", "fd00:10:96:0:0:0:0:100");
    assertThat(second.texts("clusterIPs")).containsExactly("10.96.1.1");
    assertThat(nodePort(first)).isEqualTo(30086);
    assertThat(nodePort(second)).isEqualTo(30087);
    var stored = Section.root(Map.of("spec", second.fields()));
    var again = complete("d/b", "{type: NodePort, ports: [{port: 81}]}", Optional.of(stored));
    assertThat(again.texts("clusterIPs")).containsExactly("10.96.1.1");
    assertThat(nodePort(again)).isEqualTo(30087);
    taken.forget("d/a");
    var third = complete("d/c", "{type: NodePort, ports: [{port: 80, nodePort: 30086}]}");
    assertThat(nodePort(third)).as("released with its service").isEqualTo(30086);
  }

  private static int nodePort(Section spec) {
    return spec.sections("ports").getFirst().number("nodePort", 1, 65535).orElseThrow();
  }

  @Test
  void aRefusedChangeLeavesWhatTheServiceHad() {
    var spec = complete("d/a", "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}");
    var stored = Optional.of(Section.root(Map.of("spec", spec.fields())));
    assertThatThrownBy(() -> complete("d/a", "{type: NodePort, ports: [{port: 0}]}", stored))
        .hasMessageContaining("spec.ports[0].port");
    assertThatThrownBy(
            () -> complete("d/b", "{type: NodePort, ports: [{port: 80, nodePort: 30001}]}"))
        .hasMessage("spec.ports[0].nodePort: TCP 30001 is taken by d/a");
  }

  @Test
  void headlessServicesHaveNoAddress() {
    var spec = complete("d/a", "{clusterIP: None}");
    assertThat(spec.texts("clusterIPs")).containsExactly("None");
  }

  @Test
  void aBalancerGetsTheAddressThatItAsksForAndAHealthCheck() {
    var root =
        service(
            "{type: LoadBalancer, loadBalancerIP: 203.0.113.5, externalTrafficPolicy: Local, ports: [{port: 80}]}");
    ServiceForm.complete(taken, "d/a", root, Optional.empty());
    assertThat(root.section("spec").number("healthCheckNodePort", 30000, 32767)).isPresent();
    assertThat(root.section("status").section("loadBalancer").sections("ingress"))
        .singleElement()
        .extracting(ingress -> ingress.text("ip"))
        .isEqualTo(Optional.of("203.0.113.5"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{type: Anycast, ports: [{port: 80}]} | spec.type: 'Anycast' is not one of ClusterIP",
        "{type: ExternalName} | spec.externalName: a service of this type needs it",
        "{} | spec.ports: at least one is needed",
        "{ports: [{port: 80}, {port: 81}]} | spec.ports[0].name: of several ports each needs one",
        "{ports: [{name: a, port: 80}, {name: a, port: 81}]} | spec.ports[1].name: 'a' is there twice",
        "{ports: [{name: a, port: 80}, {name: b, port: 80}]} | spec.ports[1].port: TCP 80 is there twice",
        "{ports: [{port: 65536}]} | spec.ports[0].port: a number from 1 to 65535 is expected, not 65536",
        "{ports: [{port: x}]} | spec.ports[0].port: a number from 1 to 65535 is expected, not x",
        "{ports: [{port: 80, targetPort: A_B}]} | spec.ports[0].targetPort: 'A_B' is neither a port nor the name",
        "{ports: [{port: 80, protocol: ICMP}]} | spec.ports[0].protocol: 'ICMP' is not one of TCP, UDP, SCTP",
        "{ports: [{port: 80, nodePort: 30000}]} | spec.ports[0].nodePort: services of type ClusterIP have none",
        "{type: NodePort, ports: [{port: 80, nodePort: 80}]} | spec.ports[0].nodePort: 80 is not from 30000 to 32767",
        "{clusterIP: 10.97.0.1, ports: [{port: 80}]} | spec.clusterIPs: 10.97.0.1 is not in 10.96.0.0/16",
        "{clusterIP: x, ports: [{port: 80}]} | spec.clusterIPs: 'x' is no address",
        "{ipFamilies: [IPv5], ports: [{port: 80}]} | spec.ipFamilies: 'IPv5' is not one of IPv4, IPv6",
        "{sessionAffinity: Always, ports: [{port: 80}]} | spec.sessionAffinity: 'Always' is not one of",
        "{sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}, ports: [{port: 80}]} | spec.sessionAffinityConfig.clientIP.timeoutSeconds: a number from 1",
        "{externalTrafficPolicy: Local, ports: [{port: 80}]} | spec.externalTrafficPolicy: only services that are reached from outside",
        "{externalIPs: [1.2.3], ports: [{port: 80}]} | spec.externalIPs[0]: '1.2.3' is no address",
        "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/33], ports: [{port: 80}]} | spec.loadBalancerSourceRanges[0]: '10.0.0.0/33' is no CIDR",
        "{selector: [a], ports: [{port: 80}]} | spec.selector: a mapping is expected",
      })
  void whatCannotBeIsRefusedWithItsPath(String spec, String message) {
    assertThatThrownBy(() -> complete("d/a", spec))
        .isInstanceOf(LabException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void slicesFollowSelectorsFamiliesAndNamedPorts() {
    var root =
        service(
            "{ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80, targetPort: http}]}");
    ServiceForm.complete(taken, "d/a", root, Optional.empty());
    var slices =
        SliceController.slices(
            root,
            List.of(
                pod("one", "web", "10.0.0.1", "fd00::1", 8080, "True", ""),
                pod("two", "web", "10.0.0.2", "fd00::2", 9090, "False", ""),
                pod("three", "web", "10.0.0.3", "fd00::3", 8080, "True", "deletionTimestamp: now,"),
                pod("four", "other", "10.0.0.4", "fd00::4", 8080, "True", "")),
            Map.of());
    assertThat(slices).hasSize(4);
    var first = Section.root(Objects.requireNonNull(slices.get("a-ipv4-0")));
    assertThat(first.sections("ports").getFirst().number("port", 1, 65535)).hasValue(8080);
    assertThat(first.sections("endpoints"))
        .extracting(endpoint -> endpoint.texts("addresses").getFirst() + conditions(endpoint))
        .containsExactly(
            "10.0.0.1 {ready=true, serving=true, terminating=false}",
            "10.0.0.3 {ready=false, serving=true, terminating=true}");
    assertThat(slices.values().stream().map(Section::root))
        .filteredOn(slice -> port(slice) == 9090)
        .extracting(slice -> slice.sections("endpoints").getFirst())
        .extracting(endpoint -> endpoint.texts("addresses").getFirst() + conditions(endpoint))
        .containsExactly(
            "10.0.0.2 {ready=false, serving=false, terminating=false}",
            "fd00::2 {ready=false, serving=false, terminating=false}");
  }

  private static int port(Section slice) {
    return slice.sections("ports").getFirst().number("port", 1, 65535).orElseThrow();
  }

  private static String conditions(Section endpoint) {
    return " " + endpoint.section("conditions").fields();
  }

  static Section pod(
      String name, String app, String v4, String v6, int port, String ready, String extra) {
    Map<String, Object> content =
        new Yaml()
            .load(
                """
                metadata: {%s name: %s, namespace: d, labels: {app: %s}}
                spec: {nodeName: node-1, containers: [{ports: [{name: http, protocol: TCP, containerPort: %d}]}]}
                status: {phase: Running, podIPs: [{ip: %s}, {ip: '%s'}], conditions: [{type: Ready, status: '%s'}]}
                """
                    .formatted(extra, name, app, port, v4, v6, ready));
    return Section.root(content);
  }
}
