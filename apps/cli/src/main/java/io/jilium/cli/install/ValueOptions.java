// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.jilium.cli.verb.VerbException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Values and the chart that they are for. */
final class ValueOptions {
  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "a value of the chart, several with commas; may be repeated")
  private List<String> sets = List.of();

  @Option(
      names = "--set-string",
      paramLabel = "KEY=TEXT",
      description = "as --set, but numbers and true stay text")
  private List<String> texts = List.of();

  @Option(
      names = "--set-file",
      paramLabel = "KEY=FILE",
      description = "a value that is the content of a file")
  private List<String> fileSets = List.of();

  @Option(
      names = {"-f", "--values"},
      paramLabel = "FILE",
      description = "values in YAML; may be repeated, later files and --set win")
  private List<Path> files = List.of();

  @Option(
      names = "--chart-directory",
      paramLabel = "DIR",
      description = "another chart than this program's own")
  private Optional<Path> chartDirectory = Optional.empty();

  @Option(
      names = "--version",
      paramLabel = "VERSION",
      description = "the version to install; this program installs its own only")
  private Optional<String> version = Optional.empty();

  @Option(
      names = "--datapath-mode",
      paramLabel = "MODE",
      description = "tunnel or native, the same as --set routingMode=MODE")
  private Optional<String> datapathMode = Optional.empty();

  /** Whether any value is given. */
  boolean any() {
    return !sets.isEmpty()
        || !texts.isEmpty()
        || !fileSets.isEmpty()
        || !files.isEmpty()
        || datapathMode.isPresent();
  }

  /** The chart that the options mean. */
  Chart chart() {
    Chart chart = chartDirectory.map(Chart::of).orElseGet(Chart::own);
    version.ifPresent(wanted -> {
      if (!wanted.replaceFirst("^v", "").equals(chart.version())) {
        throw new VerbException(
            "the chart here is %s, not %s: use the jilium of that version, or --chart-directory"
                .formatted(chart.version(), wanted));
      }
    });
    return chart;
  }

  /** What is given, as a tree; null where a default is to be taken away. */
  Map<String, @Nullable Object> values() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (Path file : files) {
      try {
        values = Trees.overlay(values, Trees.map(read(file)));
      } catch (IllegalArgumentException e) {
        throw new VerbException("%s: %s".formatted(file, e.getMessage()), e);
      }
    }
    String mode = datapathMode.orElse("");
    if (!mode.isEmpty()) {
      if (!mode.equals("tunnel") && !mode.equals("native")) {
        throw new VerbException("--datapath-mode is tunnel or native, not " + mode);
      }
      values.put("routingMode", mode);
    }
    set(values, "--set", sets, SetStrings.TYPED);
    set(values, "--set-string", texts, text -> text);
    set(values, "--set-file", fileSets, file -> read(Path.of(file)));
    return values;
  }

  private static void set(
      Map<String, @Nullable Object> values,
      String option,
      List<String> given,
      SetStrings.Reading reading) {
    for (String text : given) {
      try {
        SetStrings.apply(values, text, reading);
      } catch (IllegalArgumentException e) {
        throw new VerbException("%s %s: %s".formatted(option, text, e.getMessage()), e);
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new VerbException("there is no file " + file, e);
    } catch (IOException e) {
      throw new VerbException("%s cannot be read: %s".formatted(file, e), e);
    }
  }
}
