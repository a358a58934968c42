// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import io.jilium.cli.verb.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The box, and the lines below it: how people read a {@link ClusterStatus}. */
public final class StatusSummary {
  private static final List<String> BOX =
      List.of(
          "    /¯¯\\",
          " /¯¯\\__/¯¯\\",
          " \\__/¯¯\\__/",
          " /¯¯\\__/¯¯\\",
          " \\__/¯¯\\__/",
          "    \\__/");
  private static final int BOX_WIDTH = 15;
  private static final int TITLE_WIDTH = 20;

  /** The parts beside the lines of the box, from its second line on. */
  private static final List<Part> BESIDE =
      List.of(Part.AGENT, Part.OPERATOR, Part.ENVOY, Part.RELAY, Part.CLUSTER_MESH);

  private final Paint paint;

  /**
   * @param paint how words are coloured
   */
  public StatusSummary(Paint paint) {
    this.paint = paint;
  }

  /** Prints all of it. */
  public void print(ClusterStatus status, PrintWriter out) {
    out.println(paint.frame(BOX.getFirst()));
    for (int i = 0; i < BESIDE.size(); i++) {
      var part = BESIDE.get(i);
      String line = BOX.get(i + 1);
      out.println(
          paint.frame(line)
              + " ".repeat(BOX_WIDTH - line.length())
              + padded(part.title() + ":", TITLE_WIDTH)
              + word(status, part));
    }
    out.println();
    details(status).print(out);
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }

  private String word(ClusterStatus status, Part part) {
    var words = new ArrayList<String>();
    long errors = status.count(part, true);
    long warnings = status.count(part, false);
    if (errors > 0) {
      words.add(paint.bad(errors == 1 ? "1 error" : errors + " errors"));
    }
    if (warnings > 0) {
      words.add(paint.doubtful(warnings == 1 ? "1 warning" : warnings + " warnings"));
    }
    if (!words.isEmpty()) {
      return String.join(", ", words);
    }
    return status.workloads().containsKey(part) ? paint.good("OK") : paint.off("disabled");
  }

  private static Table details(ClusterStatus status) {
    var table = Table.plain();
    for (var part : Part.values()) {
      var workload = status.workloads().get(part);
      if (workload != null) {
        table.row(
            part.kind().text(),
            part.object(),
            "Desired: %d, Ready: %d/%d, Available: %d/%d"
                .formatted(
                    workload.desired(),
                    workload.ready(),
                    workload.desired(),
                    workload.available(),
                    workload.desired()));
      }
    }
    counts(table, "Containers:", status.phases(), ", ");
    table.row(
        "Cluster Pods:", "%d/%d managed by Jilium".formatted(status.managed(), status.pods()));
    table.row(
        "Helm chart version:", status.chartVersion().isEmpty() ? "unknown" : status.chartVersion());
    images(table, status);
    problems(table, "Errors:", status.errors());
    problems(table, "Warnings:", status.warnings());
    return table;
  }

  /** Parts that are not there have a line without a count, as people know it. */
  private static void counts(
      Table table, String title, Map<Part, Map<String, Integer>> counts, String separator) {
    String head = title;
    for (var part : Part.values()) {
      var count = counts.getOrDefault(part, Map.of());
      String text =
          count.entrySet().stream()
              .sorted(Map.Entry.comparingByKey())
              .map(entry -> entry.getKey() + ": " + entry.getValue())
              .collect(Collectors.joining(separator));
      table.row(head, part.object(), text);
      head = "";
    }
  }

  private static void images(Table table, ClusterStatus status) {
    String head = "Image versions";
    for (var part : Part.values()) {
      var images = status.images().getOrDefault(part, Map.of());
      for (var image : images.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
        table.row(head, part.object(), image.getKey() + ": " + image.getValue());
        head = "";
      }
    }
  }

  private static void problems(Table table, String title, List<Problem> problems) {
    String head = title;
    for (var problem : problems) {
      table.row(head, problem.part().object(), problem.object(), problem.message());
      head = "";
    }
  }
}
