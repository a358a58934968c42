// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.EndpointSlice.Conditions;
import io.jilium.core.model.EndpointSlice.Hints;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the weights of slices mean for the service that they belong to. */
class WeightTest {
  private static final ServiceName WEB = new ServiceName("default", "web");
  private static final PortAddress ADDRESS = udp("10.96.0.1", 80);
  private static final Conditions LEAVING = new Conditions(false, true, true);

  private final Services services =
      new Services(ServiceOptions.DEFAULT, new NodeFacts("node-1", "", Set.of()));

  private static PortAddress udp(String address, int port) {
    return new PortAddress(IpAddress.parse(address), port, Protocol.UDP);
  }

  private static EndpointSlice.Endpoint endpoint(String address, Conditions conditions) {
    return new EndpointSlice.Endpoint(
        List.of(IpAddress.parse(address)), conditions, "node-1", "", Hints.NONE);
  }

  private void slice(String name, String weight, EndpointSlice.Endpoint... endpoints) {
    services.put(
        new EndpointSlice(
            new ServiceName("default", name),
            WEB.name(),
            weight,
            List.of(new EndpointSlice.Port("", Protocol.UDP, 8080)),
            List.of(endpoints)));
  }

  private List<Integer> weights() {
    var set = services.frontend(ADDRESS).orElseThrow().outside();
    return set.usable().stream().map(Backend::weight).toList();
  }

  @BeforeEach
  void aService() {
    services.put(
        new Service(
            WEB,
            Service.Type.CLUSTER_IP,
            List.of(ADDRESS.address()),
            List.of(new ServicePort("", Protocol.UDP, ADDRESS.port(), 0, "")),
            Service.Exposure.NONE,
            Service.Traffic.DEFAULT,
            Map.of(),
            Service.Marks.NONE,
            Map.of(),
            1));
  }

  @Test
  void aSliceGivesItToItsEndpoints() {
    slice(
        "stable",
        "",
        endpoint("10.244.1.1", Conditions.READY),
        endpoint("10.244.1.2", Conditions.READY));
    slice("canary", "00007", endpoint("10.244.1.3", Conditions.READY));
    services.update();
    assertThat(weights()).containsExactly(100, 100, 7);
    slice("canary", "65535", endpoint("10.244.1.3", Conditions.READY));
    assertThat(services.update().frontends()).containsOnlyKeys(ADDRESS);
    assertThat(weights()).containsExactly(100, 100, 65535);
  }

  @Test
  void ofNoneThereAreNoNewConnectionsWhileFlowsGoOn() {
    var ready = endpoint("10.244.1.1", Conditions.READY);
    slice("web", "", ready, endpoint("10.244.1.2", LEAVING));
    services.update();
    slice("web", "0", ready, endpoint("10.244.1.2", LEAVING));
    assertThat(services.update().cuts()).isEmpty();
    var explained = services.explain(ADDRESS, Place.NO_NODE, new Client.Inside());
    assertThat(explained.choice()).isEqualTo(Choice.REJECT);
    assertThat(explained.candidates())
        .hasSize(2)
        .allSatisfy(candidate -> {
          assertThat(candidate.backend().state()).isEqualTo(BackendState.MAINTENANCE);
          assertThat(candidate.whyNot()).isEqualTo("its weight is 0");
        });
  }

  @Test
  void anEndpointThatAnotherSliceHasWithAWeightIsServed() {
    slice("old", "0", endpoint("10.244.1.1", Conditions.READY));
    slice("renewed", "5", endpoint("10.244.1.1", Conditions.READY));
    services.update();
    assertThat(weights()).containsExactly(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536", "-1", "+1", "1.5", " 1", "many", "99999999999"})
  void whatIsNoneIsNamedAndTheDefaultIsUsed(String text) {
    slice("canary", text, endpoint("10.244.1.3", Conditions.READY));
    var message =
        "EndpointSlice default/canary: metadata.annotations[service.cilium.io/weight]: '"
            + text
            + "' is not a whole number from 0 to 65535; 100 is used";
    var owner = new Owner(WEB, false);
    assertThat(services.update().problems()).containsOnly(Map.entry(owner, List.of(message)));
    assertThat(services.problems()).containsOnly(Map.entry(owner, List.of(message)));
    assertThat(weights()).containsExactly(Weight.DEFAULT);
    slice("canary", "1", endpoint("10.244.1.3", Conditions.READY));
    assertThat(services.update().problems()).containsOnly(Map.entry(owner, List.of()));
  }
}
