// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.jilium.cli.verb.VerbException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A Helm chart.
 *
 * @param files all of it, by path below the chart
 */
record Chart(SortedMap<String, String> files) {
  private static final String RESOURCES = "chart/jilium/";

  Chart {
    files = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(files));
    for (String wanted : new String[] {"Chart.yaml", "values.yaml"}) {
      if (!files.containsKey(wanted)) {
        throw new VerbException("the chart has no " + wanted);
      }
    }
  }

  /** The chart of this very program. */
  static Chart own() {
    try {
      var source = Chart.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      Path place = Path.of(source);
      return new Chart(
          Files.isDirectory(place) ? directory(place.resolve(RESOURCES)) : archive(place));
    } catch (IOException | URISyntaxException e) {
      throw new VerbException("this program's chart cannot be read: " + e.getMessage(), e);
    }
  }

  /** The chart in a directory. */
  static Chart of(Path directory) {
    if (!Files.exists(directory.resolve("Chart.yaml"))) {
      throw new VerbException("%s holds no chart: it has no Chart.yaml".formatted(directory));
    }
    try {
      return new Chart(directory(directory));
    } catch (IOException e) {
      throw new VerbException("the chart in %s cannot be read: %s".formatted(directory, e), e);
    }
  }

  private static SortedMap<String, String> directory(Path directory) throws IOException {
    var files = new TreeMap<String, String>();
    try (var found = Files.walk(directory)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }

  private static SortedMap<String, String> archive(Path jar) throws IOException {
    var files = new TreeMap<String, String>();
    try (var zip = new ZipFile(jar.toFile())) {
      for (var entry : java.util.Collections.list(zip.entries())) {
        if (entry.getName().startsWith(RESOURCES) && !entry.isDirectory()) {
          try (InputStream in = zip.getInputStream(entry)) {
            files.put(
                entry.getName().substring(RESOURCES.length()),
                new String(in.readAllBytes(), StandardCharsets.UTF_8));
          }
        }
      }
    }
    return files;
  }

  /** Chart.yaml. */
  Map<String, @Nullable Object> metadata() {
    return Trees.map(file("Chart.yaml"));
  }

  /** The chart's name. */
  String name() {
    return Trees.text(metadata(), "name");
  }

  /** The chart's version. */
  String version() {
    return Trees.text(metadata(), "version");
  }

  /** The values that hold where nobody sets others. */
  Map<String, @Nullable Object> values() {
    return Trees.map(file("values.yaml"));
  }

  /** values.schema.json. */
  Optional<Map<String, @Nullable Object>> schema() {
    return Optional.ofNullable(files.get("values.schema.json")).map(Trees::map);
  }

  /** What is rendered, by path below the chart. */
  SortedMap<String, String> templates() {
    return files.subMap("templates/", "templates0");
  }

  private String file(String name) {
    return files.getOrDefault(name, "");
  }
}
