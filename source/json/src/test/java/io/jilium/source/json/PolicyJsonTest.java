// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jilium.core.model.PolicyObject;
import io.jilium.core.model.PolicyObject.Kind;
import org.junit.jupiter.api.Test;

final class PolicyJsonTest {
  private static String kept(String object) throws JsonProcessingException {
    var id = new PolicyObject.Id(Kind.CILIUM_NETWORK_POLICY, "shop", "web");
    return PolicyJson.read(id, new ObjectMapper().readTree(object.replace('\'', '"'))).content();
  }

  @Test
  void whatTheAuthorAsksForIsKeptAndTheHistoryIsNot() throws JsonProcessingException {
    assertThat(
            kept(
                """
                {'apiVersion': 'cilium.io/v2', 'kind': 'CiliumNetworkPolicy',
                 'metadata': {'name': 'web', 'namespace': 'shop', 'uid': 'u-1', 'labels': {'team': 'x'},
                   'resourceVersion': '7', 'managedFields': [{'manager': 'kubectl'}],
                   'annotations': {'kubectl.kubernetes.io/last-applied-configuration': 'long'}},
                 'spec': {'endpointSelector': {}, 'ingress': [{}]},
                 'status': {'conditions': [{'type': 'cilium.io/Enforced'}]}}
                """))
        .isEqualTo(
            "{'metadata':{'labels':{'team':'x'},'uid':'u-1'},'spec':{'endpointSelector':{},'ingress':[{}]}}"
                .replace('\'', '"'));
  }

  @Test
  void rulesMayComeAsAList() throws JsonProcessingException {
    assertThat(kept("{'metadata': {}, 'spec': null, 'specs': [{'endpointSelector': {}}]}"))
        .isEqualTo("{'metadata':{},'specs':[{'endpointSelector':{}}]}".replace('\'', '"'));
  }
}
