// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same services, slices and changes for the decisions and for the oracle: whatever is asked,
 * both answer alike; and what was told as changed is all that changed.
 */
class RandomServicesTest {
  private static final List<Optional<IpAddress>> SOURCES =
      List.of(Optional.empty(), Optional.of(ip("198.18.0.1")), Optional.of(ip("198.18.1.1")));

  private RandomServices world = new RandomServices(0);
  private final Map<PortAddress, Frontend> told = new HashMap<>();
  private final Map<IpAddress, FrontendType> toldWhole = new HashMap<>();
  private final Map<Owner, List<Backend>> toldBackends = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void decisionsAreThoseOfTheOracle(long seed) {
    world = new RandomServices(seed);
    for (int step = 0; step < 400; step++) {
      int changes = 1 + world.number(4);
      for (int i = 0; i < changes; i++) {
        world.change();
      }
      follow(world.services().update());
      compareTold();
      compareAnswers("seed " + seed + " step " + step);
    }
  }

  private void follow(Changes changes) {
    changes
        .frontends()
        .forEach((address, frontend) ->
            frontend.ifPresentOrElse(f -> told.put(address, f), () -> told.remove(address)));
    changes
        .addresses()
        .forEach((address, type) ->
            type.ifPresentOrElse(t -> toldWhole.put(address, t), () -> toldWhole.remove(address)));
    changes.backends().forEach(toldBackends::put);
    toldBackends.values().removeIf(List::isEmpty);
  }

  private void compareTold() {
    assertThat(told).isEqualTo(world.services().frontends());
    assertThat(toldWhole).isEqualTo(world.services().wholeAddresses());
    assertThat(toldBackends).isEqualTo(world.services().backends());
  }

  private void compareAnswers(String when) {
    var addresses = RandomServices.addresses();
    for (int i = 0; i < 60; i++) {
      var address = ip(world.pick(addresses));
      int port =
          world.pick(world.number(2) == 0 ? RandomServices.PORTS : RandomServices.NODE_PORTS);
      var protocol = world.pick(RandomServices.PROTOCOLS);
      var source = world.pick(SOURCES);
      var asked = new PortAddress(address, port, protocol);
      var explained =
          world
              .services()
              .explain(
                  asked,
                  RandomServices.NODES.contains(address) ? Place.THIS_NODE : Place.NO_NODE,
                  source.<Client>map(Client.Outside::new).orElseGet(Client.Inside::new));
      assertThat(answer(explained))
          .as("%s: %s from %s: %s", when, asked, source, explained.reasons())
          .isEqualTo(world.oracle().connect(address, port, protocol, source));
    }
  }

  private static ServiceOracle.Answer answer(Explanation explained) {
    var eligible =
        explained.candidates().stream()
            .filter(candidate -> candidate.whyNot().isEmpty())
            .map(c -> c.backend().address())
            .map(a -> a.address() + "|" + a.port())
            .collect(Collectors.toSet());
    return new ServiceOracle.Answer(
        explained.choice().name(), explained.choice() == Choice.BALANCE ? eligible : Set.of());
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }
}
