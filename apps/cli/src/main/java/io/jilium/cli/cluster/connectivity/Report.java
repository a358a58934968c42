// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What came of each action. */
final class Report {
  /**
   * One action's end.
   *
   * @param flows shown with it
   */
  record Entry(
      Scenario scenario, Action action, Outcome outcome, double seconds, List<String> flows) {
    boolean failed() {
      return outcome instanceof Outcome.Failed;
    }

    String fullName() {
      return scenario.fullName() + "/" + action.name();
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  private final List<Scenario> leftOut = new ArrayList<>();

  void add(Entry entry) {
    entries.add(entry);
  }

  /** Was not asked for. */
  void leaveOut(Scenario scenario) {
    leftOut.add(scenario);
  }

  List<Entry> entries() {
    return entries;
  }

  List<Scenario> leftOut() {
    return leftOut;
  }

  Stream<Entry> failures() {
    return entries.stream().filter(Entry::failed);
  }

  long skipped() {
    return entries.stream().filter(entry -> entry.outcome() instanceof Outcome.Skipped).count();
  }

  long tests() {
    return entries.stream().map(entry -> entry.scenario().test()).distinct().count();
  }

  boolean isGood() {
    return failures().findAny().isEmpty();
  }

  /** The last lines of the output. */
  List<String> summary() {
    long failedTests = failures().map(entry -> entry.scenario().test()).distinct().count();
    long leftOutTests =
        leftOut.stream()
            .map(Scenario::test)
            .filter(
                test -> entries.stream().noneMatch(entry -> entry.scenario().test().equals(test)))
            .distinct()
            .count();
    String rest = "%d tests left out, %d actions skipped".formatted(leftOutTests, skipped());
    if (isGood()) {
      return List.of(
          "✅ All %d tests (%d actions) successful, %s."
              .formatted(tests(), entries.size() - skipped(), rest));
    }
    var lines = new ArrayList<String>();
    lines.add(
        "❌ %d/%d tests failed (%d/%d actions), %s:"
            .formatted(failedTests, tests(), failures().count(), entries.size(), rest));
    failures()
        .forEach(entry ->
            lines.add(
                "  🟥 %s: %s: %s"
                    .formatted(
                        entry.fullName(),
                        entry.action().what(),
                        ((Outcome.Failed) entry.outcome()).reason())));
    return lines;
  }
}
