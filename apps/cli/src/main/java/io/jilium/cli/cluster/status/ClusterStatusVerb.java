// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.verb.Ago;
import io.jilium.cli.verb.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jilium status} of a cluster. */
@Command(
    name = "status",
    description = {
      "How the installation in the cluster is; exit code 1 when something is wrong.",
      "On a node with an agent, or with --node, --root or --socket: how that agent is."
    },
    footer = {
      "%nExamples:",
      "  jilium status",
      "  jilium status --wait --wait-duration 2m",
      "  jilium status -o json"
    })
public final class ClusterStatusVerb extends ClusterVerb {
  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** What is printed. */
  enum Format {
    summary,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "summary or json (default: summary)")
  private Format format = Format.summary;

  @Option(names = "--wait", description = "until there are no errors and no warnings")
  private boolean wait;

  @Option(
      names = "--wait-duration",
      paramLabel = "TIME",
      converter = Patience.Converter.class,
      description = "how long to wait at most, such as 90s or 5m (default: 5m)")
  private Duration limit = Duration.ofMinutes(5);

  @Option(
      names = "--interactive",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "while waiting on a terminal, show the summary anew after each look")
  private boolean interactive = true;

  @Option(names = "--ignore-warnings", description = "wait for errors to vanish, not for warnings")
  private boolean ignoreWarnings;

  @Option(
      names = "--worker-count",
      paramLabel = "N",
      description = "how many agents are asked at once (default: 5)")
  private int workers = 5;

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    if (workers < 1) {
      throw wrongUsage("--worker-count is %d: give at least 1".formatted(workers));
    }
    var status = wait ? awaited(client, out) : look(client);
    print(status, out);
    boolean well = status.isWell(!wait || ignoreWarnings);
    if (wait && !well) {
      out.println();
      out.println("Not ready after %s: %s".formatted(Ago.duration(limit), status.missing()));
    }
    return well ? 0 : 1;
  }

  private ClusterStatus look(KubernetesClient client) {
    return StatusCollector.collect(client, cluster().namespace(), cluster().release(), workers);
  }

  private ClusterStatus awaited(KubernetesClient client, PrintWriter out) {
    var paint = Paint.ofTerminal();
    boolean redraw = interactive && paint == Paint.COLOURS && format == Format.summary;
    var end = Instant.now().plus(limit);
    String before = "";
    int shown = 0;
    while (true) {
      var status = look(client);
      if (status.isWell(ignoreWarnings) || Instant.now().isAfter(end)) {
        erase(shown, out);
        return status;
      }
      if (redraw) {
        erase(shown, out);
        shown = show(status, paint, out);
      } else if (format == Format.summary && !before.equals(status.missing())) {
        before = status.missing();
        out.println("waiting: " + before);
      }
      out.flush();
      Patience.pause(PAUSE);
    }
  }

  private static int show(ClusterStatus status, Paint paint, PrintWriter out) {
    var text = new StringWriter();
    new StatusSummary(paint).print(status, new PrintWriter(text, true));
    out.print(text);
    return (int) text.toString().lines().count();
  }

  /** Takes back lines of before on a terminal. */
  private static void erase(int lines, PrintWriter out) {
    if (lines > 0) {
      out.print("\033[%dA\033[J".formatted(lines));
    }
  }

  private void print(ClusterStatus status, PrintWriter out) {
    switch (format) {
      case json -> out.println(Json.pretty(SummaryJson.of(status)));
      case summary -> new StatusSummary(Paint.ofTerminal()).print(status, out);
    }
  }
}
