// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RunnerTest {
  private final StringWriter out = new StringWriter();
  private final AtomicInteger attempts = new AtomicInteger();

  private Action action(String name, Outcome outcome) {
    return new Action(
        name,
        "a -> b",
        () -> {
          attempts.incrementAndGet();
          return outcome;
        },
        List.of("10.0.0.1"),
        List.of("node-1"));
  }

  private Report run(boolean everyFlow, String choice, Scenario... scenarios) {
    var rules =
        new Runner.Rules(
            ConnectivityTestVerb.Choice.of(choice.isEmpty() ? List.of() : List.of(choice))::test,
            everyFlow,
            Instant.now().plusSeconds(60));
    return new Runner(
            new PrintWriter(out),
            rules,
            (action, attempt) -> {
              var _ = attempt.get();
              return List.of("node-1  flow of " + action.name());
            })
        .run(List.of(scenarios));
  }

  private Scenario podToPod(Action... actions) {
    return new Scenario("no-policies", "pod-to-pod", List.of(actions));
  }

  @Test
  void allIsWell() {
    var report = run(false, "", podToPod(action("curl-ipv4-0", Outcome.PASSED)));
    assertThat(report.isGood()).isTrue();
    assertThat(out.toString())
        .contains(
            """
            🏃 Running 1 tests ...
            [=] Test [no-policies] [1/1]
              [-] Scenario [no-policies/pod-to-pod]
              [.] Action [no-policies/pod-to-pod/curl-ipv4-0: a -> b]
            """)
        .contains("✅ All 1 tests (1 actions) successful, 0 tests left out, 0 actions skipped.")
        .doesNotContain("Flows");
  }

  @Test
  void failureIsTriedOnceMoreUnderTheEyesOfTheAgents() {
    var report =
        run(
            false,
            "",
            podToPod(
                action("curl-ipv4-0", new Outcome.Failed("timed out")),
                action("curl-ipv6-1", Outcome.PASSED)));
    assertThat(report.isGood()).isFalse();
    assertThat(attempts).hasValue(3);
    assertThat(out.toString())
        .contains("  ❌ timed out\n")
        .contains("     node-1  flow of curl-ipv4-0\n")
        .doesNotContain("flow of curl-ipv6-1")
        .contains("❌ 1/1 tests failed (1/2 actions), 0 tests left out, 0 actions skipped:")
        .contains("  🟥 no-policies/pod-to-pod/curl-ipv4-0: a -> b: timed out");
  }

  @Test
  void flowsOfWhatSucceedsAreShownOnRequest() {
    run(true, "", podToPod(action("curl-ipv4-0", Outcome.PASSED)));
    assertThat(out.toString()).contains("flow of curl-ipv4-0");
  }

  @Test
  void whatIsSkippedIsNoFailureAndSaysWhy() {
    var report =
        run(
            false,
            "",
            podToPod(action("curl-0", new Outcome.Skipped("the node does not reach it"))));
    assertThat(report.isGood()).isTrue();
    assertThat(out.toString())
        .contains("➖ skipped: the node does not reach it")
        .contains("(0 actions) successful, 0 tests left out, 1 actions skipped.");
  }

  @Test
  void onlyWhatIsAskedForRuns() {
    var health =
        new Scenario("health", "cilium-health", List.of(action("health-a", Outcome.PASSED)));
    run(false, "!no-policies", podToPod(action("x", new Outcome.Failed("never"))), health);
    assertThat(attempts).hasValue(1);
    assertThat(out.toString()).contains("All 1 tests (1 actions) successful, 1 tests left out");
  }

  @Test
  void nothingBeginsAfterTheTimeLimit() {
    var report =
        new Runner(
                new PrintWriter(out),
                new Runner.Rules(_ -> true, false, Instant.now().minusSeconds(1)),
                (_, _) -> List.of())
            .run(List.of(podToPod(action("x", Outcome.PASSED))));
    assertThat(report.isGood()).isFalse();
    assertThat(attempts).hasValue(0);
  }

  @Test
  void junitHasASuiteForEachTestAndACaseForEachAction() {
    var report =
        run(
            false,
            "",
            podToPod(
                action("curl-ipv4-0", new Outcome.Failed("no <answer>")),
                action("curl-0", new Outcome.Skipped("why not"))));
    assertThat(JunitXml.text(report))
        .contains("<testsuite name=\"no-policies\" tests=\"2\" failures=\"1\" skipped=\"1\"")
        .contains("<testcase classname=\"no-policies/pod-to-pod\" name=\"curl-ipv4-0: a -&gt; b\"")
        .contains("<failure message=\"no &lt;answer&gt;\">node-1  flow of curl-ipv4-0</failure>")
        .contains("<skipped message=\"why not\"");
  }

  @Test
  void flowsAreThoseThatNameAnAddress() {
    var output =
        """
        -> endpoint 12 flow 0x1: 10.0.0.1:4000 -> 10.0.1.7:80 tcp SYN
        -> endpoint 12 flow 0x2: 10.0.0.11:4000 -> 10.0.1.70:80 tcp SYN
        xx drop (Policy denied) flow 0x3: 10.0.1.7 -> 10.0.0.1
        """;
    assertThat(Flows.told("node-1", output, List.of("10.0.0.1")))
        .containsExactly(
            "node-1  -> endpoint 12 flow 0x1: 10.0.0.1:4000 -> 10.0.1.7:80 tcp SYN",
            "node-1  xx drop (Policy denied) flow 0x3: 10.0.1.7 -> 10.0.0.1");
    assertThat(Flows.told("node-2", output, List.of("10.0.9.9")))
        .containsExactly("node-2  no packet of it was seen here");
  }
}
