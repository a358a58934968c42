// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.ClusterEvent.PodCidrsAssigned;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PoolDemand;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Objects as the API server gives them, with fields that nobody here knows. */
class ConversionTest {
  private static final JsonNode CILIUM_NODE =
      json(
          """
          {"metadata": {"name": "a", "resourceVersion": "7", "labels": {"zone": "x"}, "future": [1]},
           "spec": {"addresses": [{"type": "InternalIP", "ip": "192.0.2.1"},
               {"type": "Satellite", "ip": "192.0.2.9"}, {"type": "CiliumInternalIP", "ip": "fd00::1"}],
             "health": {"ipv4": "10.0.0.9"}, "bootid": "b", "future": {"x": 1},
             "ipam": {"podCIDRs": ["10.0.0.0/24"], "pools": {"allocated": [
               {"pool": "default", "cidrs": ["10.1.0.0/28", "10.1.0.16/28"], "allowFirstIP": true},
               {"pool": "red", "cidrs": ["10.9.0.0/28"]}]}}},
           "status": {"ipam": {"operator-status": {"error": "none is left"}}}}
          """);

  private static JsonNode json(String text) {
    try {
      return KubeApi.JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCiliumNodeIsANode() {
    var node = CiliumNodes.read(CILIUM_NODE, "default", 0);
    assertThat(node.fullName()).isEqualTo("default/a");
    assertThat(node.addresses())
        .containsExactly(
            new NodeAddress(NodeAddress.Type.INTERNAL_IP, IpAddress.parse("192.0.2.1")),
            new NodeAddress(NodeAddress.Type.CILIUM_INTERNAL_IP, IpAddress.parse("fd00::1")));
    assertThat(node.podCidrs())
        .extracting(IpPrefix::toString)
        .containsExactly("10.0.0.0/24", "10.1.0.0/28", "10.1.0.16/28", "10.9.0.0/28");
    assertThat(node.labels()).isEqualTo(Map.of("zone", "x"));
    assertThat(node.bootId()).isEqualTo("b");
  }

  @Test
  void theOperatorsSideOfACiliumNodeIsWhatWasAssigned() {
    assertThat(CiliumNodes.assignedByOperator(CILIUM_NODE))
        .isEqualTo(new PodCidrsAssigned(List.of(IpPrefix.parse("10.0.0.0/24")), "none is left"));
    assertThat(CiliumNodes.poolsAssigned(CILIUM_NODE).pools())
        .containsOnlyKeys("default", "red")
        .containsEntry("red", List.of(PodCidr.parse("10.9.0.0/28")))
        .containsEntry(
            "default",
            List.of(PodCidr.parse("10.1.0.0/28+first"), PodCidr.parse("10.1.0.16/28+first")));
  }

  @Test
  void unusedCidrsAreTakenOutOfWhatWasGivenIfNobodyWroteMeanwhile() {
    var unused = List.of(IpPrefix.parse("10.1.0.16/28"), IpPrefix.parse("10.9.0.0/28"));
    assertThat(CiliumNodes.giveBack(CILIUM_NODE, unused))
        .hasValueSatisfying(patch ->
            assertThat((JsonNode) patch)
                .isEqualTo(
                    json(
                        """
                        {"metadata": {"resourceVersion": "7"}, "spec": {"ipam": {"pools": {"allocated": [
                          {"pool": "default", "cidrs": ["10.1.0.0/28"], "allowFirstIP": true}]}}}}
                        """)));
    assertThat(CiliumNodes.giveBack(CILIUM_NODE, List.of(IpPrefix.parse("10.7.0.0/28")))).isEmpty();
  }

  @Test
  void whatTheAgentWritesOfANodeIsWhatOthersReadAndNothingOfTheOperators() {
    var node = StoreCluster.node("a", "192.0.2.1");
    var kubernetes = json("{\"metadata\": {\"uid\": \"u\", \"labels\": {\"zone\": \"x\"}}}");
    var written = CiliumNodes.write(node, kubernetes, false, List.of(new PoolDemand("red", 3, 0)));
    var read = CiliumNodes.read(written, "default", 0);
    assertThat(read.addresses()).isEqualTo(node.addresses());
    assertThat(read.healthAddresses()).isEqualTo(node.healthAddresses());
    assertThat(read.labels()).isEqualTo(Map.of("zone", "x"));
    assertThat(read.podCidrs()).isEmpty();
    assertThat(written.path("spec").path("ipam"))
        .isEqualTo(
            json(
                "{\"pools\": {\"requested\": [{\"pool\": \"red\", \"needed\": {\"ipv4-addrs\": 3}}]}}"));
    assertThat(
            CiliumNodes.read(CiliumNodes.write(node, kubernetes, true, List.of()), "default", 0)
                .podCidrs())
        .isEqualTo(node.podCidrs());
  }

  @Test
  void aNodeWithoutPodCidrSaysWhatToDo() {
    assertThat(CiliumNodes.assignedByKubernetes(json("{\"metadata\": {\"name\": \"a\"}}")).error())
        .contains("--allocate-node-cidrs");
    assertThat(
            CiliumNodes.assignedByKubernetes(json("{\"spec\": {\"podCIDR\": \"10.0.0.0/24\"}}"))
                .podCidrs())
        .containsExactly(IpPrefix.parse("10.0.0.0/24"));
  }

  @Test
  void anIdentityIsReadAsItIsWritten() {
    var labels =
        Labels.of(
            Label.k8s("app", "web"),
            Label.k8s("io.kubernetes.pod.namespace", "default"),
            Label.k8s("empty", ""),
            Label.reserved("init"));
    var identity = new Identity(new NumericIdentity(4711), labels);
    assertThat(CiliumIdentities.read(CiliumIdentities.write(identity.id(), labels)))
        .isEqualTo(identity);
  }

  @Test
  void anIdentityWithoutNumberOrLabelsIsRefused() {
    assertThatThrownBy(() -> CiliumIdentities.read(json("{\"metadata\": {\"name\": \"x\"}}")))
        .hasMessage("the name is no number");
    assertThatThrownBy(() -> CiliumIdentities.read(json("{\"metadata\": {\"name\": \"300\"}}")))
        .hasMessage("there are no security-labels");
  }

  @Test
  void anEndpointIsItsAddresses() {
    var object =
        json(
            """
            {"metadata": {"name": "web", "namespace": "default"},
             "status": {"id": 1, "identity": {"id": 300}, "encryption": {"key": 3}, "future": [],
               "networking": {"node": "192.0.2.1", "addressing": [{"ipv4": "10.0.0.7", "ipv6": "fd00::7"}]}}}
            """);
    var web = new PodName("default", "web");
    var host = IpAddress.parse("192.0.2.1");
    assertThat(CiliumEndpoints.read(object))
        .containsExactly(
            new IpMapping(IpAddress.parse("10.0.0.7"), host, new NumericIdentity(300), web, 3),
            new IpMapping(IpAddress.parse("fd00::7"), host, new NumericIdentity(300), web, 3));
  }

  @Test
  void anEndpointWithoutIdentityOrNodeHasNoAddressYet() {
    assertThat(
            CiliumEndpoints.read(
                json(
                    """
                    {"status": {"networking": {"node": "192.0.2.1", "addressing": [{"ipv4": "10.0.0.7"}]}}}
                    """)))
        .isEmpty();
    assertThat(
            CiliumEndpoints.read(
                json(
                    """
                    {"status": {"identity": {"id": 5}, "networking": {"addressing": [{"ipv4": "10.0.0.7"}]}}}
                    """)))
        .isEmpty();
  }

  @Test
  void aSliceIsTheAddressesOfAllItsEndpoints() {
    var object =
        json(
            """
            {"metadata": {"name": "ces-1"}, "namespace": "default", "endpoints": [
              {"name": "a", "id": 300, "networking": {"node": "192.0.2.1", "addressing": [{"ipv4": "10.0.0.1"}]}},
              {"name": "b", "id": 301, "networking": {"node": "192.0.2.2", "addressing": [{"ipv4": "10.0.0.2"}]}}]}
            """);
    assertThat(CiliumEndpoints.readSlice(object))
        .extracting(mapping -> mapping.pod() + " " + mapping.address() + " " + mapping.identity())
        .containsExactly("default/a 10.0.0.1 300", "default/b 10.0.0.2 301");
  }

  @Test
  void ofAPodItsNamedPortsAreKept() {
    var facts =
        PodFacts.read(
            json(
                """
                {"metadata": {"name": "web", "namespace": "default", "uid": "u"},
                 "spec": {"nodeName": "a", "hostNetwork": true, "serviceAccountName": "sa", "containers": [
                   {"ports": [{"name": "http", "containerPort": 80}, {"containerPort": 81}]},
                   {"ports": [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]}]},
                 "status": {"podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}]}}
                """));
    assertThat(facts.uid()).isEqualTo("u");
    assertThat(facts.pod().hostNetwork()).isTrue();
    assertThat(facts.pod().addresses()).hasSize(2);
    assertThat(facts.namedPorts())
        .containsExactly(
            new PodFacts.NamedPort("http", 80, "TCP"), new PodFacts.NamedPort("dns", 53, "UDP"));
  }
}
