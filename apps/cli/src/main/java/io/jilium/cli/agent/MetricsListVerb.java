// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.Metric;
import io.jilium.wire.agent.MetricListRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium metrics list}. */
@Command(
    name = "list",
    description = "The agent's metrics and their present values.",
    footer = {"%nExamples:", "  jilium metrics list", "  jilium metrics list -p drop"})
public final class MetricsListVerb extends AgentVerb {
  @Option(
      names = {"-p", "--match-pattern"},
      paramLabel = "REGEX",
      description = "only metrics in whose name this is found")
  private String pattern = "";

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var metrics = new ArrayList<Metric>();
    ask(
        all -> all.setMetricList(MetricListRequest.newBuilder().setPattern(pattern)),
        answer -> metrics.addAll(answer.getMetrics().getMetricsList()));
    if (!output.printJson(out, metrics.stream().map(MetricsListVerb::json).toList())) {
      print(metrics, out);
    }
  }

  static void print(List<Metric> metrics, PrintWriter out) {
    var table = new Table("Metric", "Labels", "Value");
    for (Metric metric : metrics) {
      var labels = new ArrayList<String>();
      new TreeMap<>(metric.getLabelsMap()).forEach((name, value) -> labels.add(name + "=" + value));
      table.row(
          metric.getName(),
          String.join(" ", labels),
          String.format(Locale.ROOT, "%.6f", metric.getValue()));
    }
    table.print(out);
  }

  private static Map<String, Object> json(Metric metric) {
    return object(
        "name", metric.getName(),
        "labels", new TreeMap<>(metric.getLabelsMap()),
        "value", metric.getValue());
  }
}
