// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.PolicyObject;
import io.jilium.core.model.PolicyObject.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NotEnforcedTest {
  private static final PolicyObject.Id GROUP = new PolicyObject.Id(Kind.CIDR_GROUP, "", "offices");
  private static final PolicyObject.Id POLICY =
      new PolicyObject.Id(Kind.NETWORK_POLICY, "shop", "web");
  private static final PolicyObject.Id CLUSTERWIDE =
      new PolicyObject.Id(Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY, "", "all");

  @Test
  void whatPoliciesReferToIsNoPolicy() {
    assertThat(NotEnforced.warning(List.of())).isEmpty();
    assertThat(NotEnforced.warning(List.of(GROUP))).isEmpty();
  }

  @Test
  void policiesOfAllKindsAreCounted() {
    assertThat(NotEnforced.warning(List.of(GROUP, POLICY)))
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("1 network policy is not enforced"));
    assertThat(NotEnforced.warning(List.of(POLICY, GROUP, CLUSTERWIDE)))
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("2 network policies are not enforced"));
  }
}
