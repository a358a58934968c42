// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Pod;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import io.jilium.core.model.TrafficPolicy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServiceJsonTest {
  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyFieldThatMattersIsRead() {
    var service =
        ServiceJson.service(
            json(
                """
                {'metadata': {'name': 'web', 'namespace': 'shop', 'creationTimestamp': '1970-01-01T00:00:07Z',
                  'labels': {'service.kubernetes.io/service-proxy-name': 'other', 'app': 'web'},
                  'annotations': {'service.cilium.io/type': 'NodePort', 'note': 'x'}},
                 'spec': {'type': 'LoadBalancer', 'clusterIP': '10.96.0.7', 'clusterIPs': ['10.96.0.7', 'fd00::7'],
                  'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80, 'nodePort': 30080, 'targetPort': 'web'},
                            {'name': 'dns', 'protocol': 'UDP', 'port': 53, 'targetPort': 5353}],
                  'selector': {'app': 'web'}, 'externalIPs': ['192.0.2.9'],
                  'loadBalancerSourceRanges': ['198.51.100.0/24 '], 'healthCheckNodePort': 32000,
                  'internalTrafficPolicy': 'Local', 'externalTrafficPolicy': 'Local',
                  'sessionAffinity': 'ClientIP', 'sessionAffinityConfig': {'clientIP': {'timeoutSeconds': 60}},
                  'publishNotReadyAddresses': true, 'trafficDistribution': 'PreferClose'},
                 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.1'}, {'ip': '203.0.113.2', 'ipMode': 'Proxy'},
                  {'hostname': 'balancer.example'}]}}}
                """));
    assertThat(service)
        .isEqualTo(
            new Service(
                new ServiceName("shop", "web"),
                Service.Type.LOAD_BALANCER,
                List.of(IpAddress.parse("10.96.0.7"), IpAddress.parse("fd00::7")),
                List.of(
                    new ServicePort("http", Protocol.TCP, 80, 30080, "web"),
                    new ServicePort("dns", Protocol.UDP, 53, 0, "5353")),
                new Service.Exposure(
                    List.of(IpAddress.parse("192.0.2.9")),
                    List.of(IpAddress.parse("203.0.113.1")),
                    List.of(IpPrefix.parse("198.51.100.0/24")),
                    32000),
                new Service.Traffic(
                    TrafficPolicy.LOCAL, TrafficPolicy.LOCAL, 60, true, "PreferClose"),
                Map.of("app", "web"),
                new Service.Marks("other", false),
                Map.of("service.cilium.io/type", "NodePort"),
                7000));
  }

  @Test
  void whatIsMissingIsWhatKubernetesSetsInstead() {
    var service =
        ServiceJson.service(
            json(
                """
                {'metadata': {'name': 'web', 'namespace': 'shop', 'labels': null},
                 'spec': {'clusterIP': 'None', 'ports': [{'port': 80}], 'sessionAffinity': 'ClientIP'}}
                """));
    assertThat(service.type()).isEqualTo(Service.Type.CLUSTER_IP);
    assertThat(service.clusterIps()).isEmpty();
    assertThat(service.ports()).containsExactly(new ServicePort("", Protocol.TCP, 80, 0, ""));
    assertThat(service.traffic())
        .isEqualTo(
            new Service.Traffic(TrafficPolicy.CLUSTER, TrafficPolicy.CLUSTER, 10800, false, ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type': 'Anycast'}                  | spec.type: Anycast is no type of a service",
        "{'ports': [{'port': 80}, {'port': 0}]}| spec.ports[1]: port 0 is not from 1 to 65535",
        "{'ports': [{'port': 1, 'protocol': 'ICMP'}]} | spec.ports[0].protocol: TCP, UDP or SCTP is expected",
        "{'clusterIPs': ['10.96.0']}          | spec.clusterIPs:",
        "{'externalIPs': ['x']}               | spec.externalIPs:",
        "{'loadBalancerSourceRanges': ['1/2']}| spec.loadBalancerSourceRanges:",
      },
      quoteCharacter = '`')
  void whatCannotBeIsNamed(String spec, String message) {
    var object = json("{'metadata': {'name': 'a', 'namespace': 'b'}, 'spec': " + spec + "}");
    assertThatThrownBy(() -> ServiceJson.service(object))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void slicesAreRead() {
    var slice =
        new ServiceJson()
            .slice(
                json(
                    """
                    {'metadata': {'name': 'web-1', 'namespace': 'shop', 'labels': {'kubernetes.io/service-name': 'web'},
                      'annotations': {'service.cilium.io/weight': '7'}},
                     'addressType': 'IPv4', 'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 8080}],
                     'endpoints': [
                       {'addresses': ['10.0.0.1'], 'conditions': {'ready': true}, 'nodeName': 'node-1', 'zone': 'a',
                        'hints': {'forZones': [{'name': 'a'}], 'forNodes': [{'name': 'node-1'}]}},
                       {'addresses': ['10.0.0.2'], 'conditions': {'ready': false, 'serving': true, 'terminating': true}}]}
                    """));
    assertThat(slice.owner()).isEqualTo(new ServiceName("shop", "web"));
    assertThat(slice.weight()).isEqualTo("7");
    assertThat(slice.ports()).containsExactly(new EndpointSlice.Port("http", Protocol.TCP, 8080));
    assertThat(slice.endpoints())
        .containsExactly(
            new EndpointSlice.Endpoint(
                List.of(IpAddress.parse("10.0.0.1")),
                new EndpointSlice.Conditions(true, true, false),
                "node-1",
                "a",
                new EndpointSlice.Hints(List.of("a"), List.of("node-1"))),
            new EndpointSlice.Endpoint(
                List.of(IpAddress.parse("10.0.0.2")),
                new EndpointSlice.Conditions(false, true, true),
                "",
                "",
                EndpointSlice.Hints.NONE));
  }

  @Test
  void hostPortsAreReadOfContainersThatStay() {
    var spec =
        json(
            """
            {'initContainers': [
               {'ports': [{'containerPort': 1, 'hostPort': 1}]},
               {'restartPolicy': 'Always', 'ports': [{'containerPort': 2, 'hostPort': 102, 'protocol': 'UDP'}]}],
             'containers': [{'ports': [{'containerPort': 3}, {'containerPort': 4, 'hostPort': 104, 'hostIP': '127.0.0.1'},
               {'containerPort': 5, 'hostPort': 105, 'hostIP': '0.0.0.0'}]}]}
            """);
    assertThat(PodJson.hostPorts(spec))
        .containsExactly(
            new Pod.HostPort(List.of(), 102, 2, Protocol.UDP),
            new Pod.HostPort(List.of(IpAddress.parse("127.0.0.1")), 104, 4, Protocol.TCP),
            new Pod.HostPort(List.of(), 105, 5, Protocol.TCP));
    assertThat(
            PodJson.hostPorts(
                json("{'hostNetwork': true, 'containers': [{'ports': [{'hostPort': 1}]}]}")))
        .isEmpty();
  }

  @Test
  void namesInsteadOfAddressesAreNobodysBackends() {
    var slice =
        new ServiceJson()
            .slice(
                json(
                    """
                    {'metadata': {'name': 'x', 'namespace': 'y'}, 'addressType': 'FQDN',
                     'endpoints': [{'addresses': ['example.com']}]}
                    """));
    assertThat(slice.endpoints()).isEmpty();
    assertThat(slice.weight()).isEmpty();
  }
}
