// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.jilium.cli.cluster.Patience;
import io.jilium.cli.cluster.PodShell;
import io.jilium.cli.verb.VerbException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the agents themselves saw while the other scenarios ran. */
final class AgentScenarios {
  private static final Duration HEALTH_ROUNDS = Duration.ofSeconds(75);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int SHOWN = 5;

  private final Agents agents;
  private final Map<String, PodShell.Place> places;
  private final Map<String, Map<String, Long>> dropsBefore;
  private final Instant started;

  /** To be made before the first packet. */
  AgentScenarios(Agents agents, Instant started) {
    this.agents = agents;
    this.places = agents.byNode();
    this.dropsBefore = agents.drops();
    this.started = started;
  }

  List<Scenario> all() {
    var health = new ArrayList<Action>();
    places.forEach((node, agent) ->
        health.add(Action.of("health-" + node, agent.toString(), () -> health(agent))));
    var drops = Action.of("drops", places.size() + " agents", () -> attempt(this::drops));
    var errors = new ArrayList<Action>();
    for (var place : agents.speakers()) {
      errors.add(Action.of("log-" + place.pod(), place.toString(), () -> errors(place)));
    }
    return List.of(
        new Scenario("health", "cilium-health", health),
        new Scenario(
            "no-unexpected-packet-drops",
            "no-unexpected-packet-drops",
            places.isEmpty() ? List.of() : List.of(drops)),
        new Scenario("check-log-errors", "no-errors-in-logs", errors));
  }

  private static Outcome attempt(Supplier<Outcome> check) {
    try {
      return check.get();
    } catch (VerbException e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()));
    }
  }

  /** Agents probe once a minute: a node that has just come needs its round. */
  private Outcome health(PodShell.Place agent) {
    return attempt(() -> {
      var end = Instant.now().plus(HEALTH_ROUNDS);
      var lost = agents.unreachable(agent);
      while (!lost.isEmpty() && Instant.now().isBefore(end)) {
        Patience.pause(PAUSE);
        lost = agents.unreachable(agent);
      }
      return lost.isEmpty()
          ? Outcome.PASSED
          : new Outcome.Failed("not reached: " + String.join("; ", lost));
    });
  }

  private Outcome drops() {
    var unexpected = new ArrayList<String>();
    agents
        .drops()
        .forEach((node, drops) -> {
          var before = dropsBefore.getOrDefault(node, Map.of());
          drops.forEach((where, packets) -> {
            long more = packets - before.getOrDefault(where, 0L);
            if (more > 0 && !ExpectedDrops.contains(where)) {
              unexpected.add("%s dropped %d packets: %s".formatted(node, more, where));
            }
          });
        });
    return unexpected.isEmpty()
        ? Outcome.PASSED
        : new Outcome.Failed(String.join("; ", unexpected));
  }

  private Outcome errors(PodShell.Place place) {
    var lines = agents.errors(place, Duration.between(started, Instant.now()));
    return lines.isEmpty()
        ? Outcome.PASSED
        : new Outcome.Failed(
            "%d errors since the test began, such as: %s"
                .formatted(lines.size(), String.join(" | ", lines.stream().limit(SHOWN).toList())));
  }
}
