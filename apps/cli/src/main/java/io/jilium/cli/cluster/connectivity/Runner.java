// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Runs scenarios one after the other and tells of each. */
final class Runner {
  /**
   * How to run.
   *
   * @param chosen whether a scenario's full name was asked for
   * @param everyFlow show packets of actions that succeed, too
   * @param end no action begins later
   */
  record Rules(Predicate<String> chosen, boolean everyFlow, Instant end) {}

  private final PrintWriter out;
  private final Rules rules;
  private final BiFunction<Action, Supplier<Outcome>, List<String>> flows;
  private final Report report = new Report();

  /**
   * @param flows shows the packets of an action while it is tried once more
   */
  Runner(PrintWriter out, Rules rules, BiFunction<Action, Supplier<Outcome>, List<String>> flows) {
    this.out = out;
    this.rules = rules;
    this.flows = flows;
  }

  Report run(List<Scenario> scenarios) {
    var chosen = scenarios.stream().filter(s -> rules.chosen().test(s.fullName())).toList();
    scenarios.stream().filter(s -> !chosen.contains(s)).forEach(report::leaveOut);
    var tests = chosen.stream().map(Scenario::test).distinct().toList();
    out.println("🏃 Running %d tests ...".formatted(tests.size()));
    for (var test : tests) {
      out.println("[=] Test [%s] [%d/%d]".formatted(test, tests.indexOf(test) + 1, tests.size()));
      chosen.stream().filter(scenario -> scenario.test().equals(test)).forEach(this::run);
    }
    out.println();
    report.summary().forEach(out::println);
    out.flush();
    return report;
  }

  private void run(Scenario scenario) {
    out.println("  [-] Scenario [%s]".formatted(scenario.fullName()));
    if (scenario.actions().isEmpty()) {
      out.println("  [.] nothing to try in this cluster");
    }
    for (var action : scenario.actions()) {
      run(scenario, action);
      out.flush();
    }
  }

  private void run(Scenario scenario, Action action) {
    String title = "[%s/%s: %s]".formatted(scenario.fullName(), action.name(), action.what());
    long start = System.nanoTime();
    Outcome outcome =
        Instant.now().isAfter(rules.end())
            ? new Outcome.Failed("not tried: the time limit (--timeout) is over")
            : action.attempt().get();
    double seconds = (System.nanoTime() - start) / 1e9;
    boolean failed = outcome instanceof Outcome.Failed;
    boolean show =
        !action.nodes().isEmpty()
            && Instant.now().isBefore(rules.end())
            && (failed || (rules.everyFlow() && outcome instanceof Outcome.Passed));
    List<String> seen = show ? flows.apply(action, action.attempt()) : List.of();
    out.println("  [.] Action %s".formatted(title));
    switch (outcome) {
      case Outcome.Failed(String reason) -> out.println("  ❌ " + reason);
      case Outcome.Skipped(String reason) -> out.println("  ➖ skipped: " + reason);
      case Outcome.Passed _ -> {}
    }
    if (!seen.isEmpty()) {
      out.println("  📄 Flows while it was tried once more:");
      seen.forEach(line -> out.println("     " + line));
    }
    report.add(new Report.Entry(scenario, action, outcome, seconds, seen));
  }
}
