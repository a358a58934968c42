// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.jilium.cli.template.TemplateException;
import io.jilium.cli.template.Templates;
import io.jilium.cli.verb.VerbException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a chart makes of values.
 *
 * @param manifest all objects in the order in which they are to be made, as Helm writes them
 * @param objects the same, read
 * @param notes what the chart has to say to people
 */
record Rendering(String manifest, List<Map<String, @Nullable Object>> objects, String notes) {

  /** Kinds in the order in which Helm makes them; what is not named comes last. */
  private static final List<String> ORDER =
      List.of(
          "Namespace",
          "PodDisruptionBudget",
          "ServiceAccount",
          "Secret",
          "ConfigMap",
          "CustomResourceDefinition",
          "ClusterRole",
          "ClusterRoleBinding",
          "Role",
          "RoleBinding",
          "Service",
          "DaemonSet",
          "Deployment",
          "Job");

  Rendering {
    objects = List.copyOf(objects);
  }

  /** Which release is rendered. */
  record Release(String name, String namespace, int revision) {}

  /**
   * Renders.
   *
   * @param values of the user, laid over the chart's
   * @param kubernetes version of the API server, such as 1.35.4
   * @throws VerbException when a value is wrong or a template fails
   */
  static Rendering of(
      Chart chart,
      Map<String, ? extends @Nullable Object> values,
      Release release,
      String kubernetes) {
    Map<String, @Nullable Object> merged = Trees.merge(chart.values(), values);
    List<String> problems =
        chart.schema().map(schema -> Schema.problems(schema, merged)).orElse(List.of());
    if (!problems.isEmpty()) {
      throw new VerbException(String.join("; ", problems));
    }
    Map<String, Object> data = data(chart, merged, release, kubernetes);
    var templates = new Templates();
    try {
      chart.templates().forEach((path, source) -> templates.add(chart.name() + "/" + path, source));
      return render(chart, templates, data);
    } catch (TemplateException e) {
      throw new VerbException("the chart cannot be rendered: " + e.getMessage(), e);
    }
  }

  private static Rendering render(Chart chart, Templates templates, Map<String, Object> data) {
    record Part(String source, String text, Map<String, @Nullable Object> object) {}
    var parts = new ArrayList<Part>();
    String notes = "";
    for (String path : chart.templates().keySet()) {
      String name = chart.name() + "/" + path;
      if (path.endsWith("NOTES.txt")) {
        notes = templates.execute(name, data);
      } else if (!path.substring(path.lastIndexOf('/') + 1).startsWith("_")) {
        for (String text : templates.execute(name, data).split("(?m)^---\\s*$", -1)) {
          read(name, text).ifPresent(object -> parts.add(new Part(name, text.strip(), object)));
        }
      }
    }
    parts.sort(Comparator.comparingInt(part -> rank(part.object())));
    var manifest = new StringBuilder();
    parts.forEach(part ->
        manifest
            .append("---\n# Source: ")
            .append(part.source())
            .append('\n')
            .append(part.text())
            .append('\n'));
    return new Rendering(manifest.toString(), parts.stream().map(Part::object).toList(), notes);
  }

  private static Optional<Map<String, @Nullable Object>> read(String name, String text) {
    try {
      Map<String, @Nullable Object> object = Trees.map(text);
      return object.isEmpty() ? Optional.empty() : Optional.of(object);
    } catch (IllegalArgumentException e) {
      throw new VerbException("%s renders to what is %s".formatted(name, e.getMessage()), e);
    }
  }

  private static int rank(Map<String, @Nullable Object> object) {
    int rank = ORDER.indexOf(Trees.text(object, "kind"));
    return rank < 0 ? ORDER.size() : rank;
  }

  private static Map<String, Object> data(
      Chart chart, Map<String, @Nullable Object> values, Release release, String kubernetes) {
    var described = new HashMap<String, Object>();
    chart
        .metadata()
        .forEach((key, value) ->
            described.put(
                Character.toUpperCase(key.charAt(0)) + key.substring(1),
                value == null ? "" : value));
    return Map.of(
        "Values", values,
        "Chart", described,
        "Release",
            Map.of(
                "Name",
                release.name(),
                "Namespace",
                release.namespace(),
                "Revision",
                release.revision(),
                "IsInstall",
                release.revision() == 1,
                "IsUpgrade",
                release.revision() > 1,
                "Service",
                "Helm"),
        "Capabilities",
            Map.of(
                "KubeVersion", Map.of("Version", "v" + kubernetes, "GitVersion", "v" + kubernetes)),
        "Template", Map.of("BasePath", chart.name() + "/templates"));
  }

  /** The settings that the agents will read. */
  Map<String, String> settings() {
    for (Map<String, @Nullable Object> object : objects) {
      if (Trees.text(object, "kind").equals("ConfigMap")
          && Trees.text(object, "metadata", "name").equals("jilium-config")) {
        var settings = new HashMap<String, String>();
        Trees.map(object.get("data")).forEach((key, value) -> settings.put(key, "" + value));
        return settings;
      }
    }
    return Map.of();
  }
}
