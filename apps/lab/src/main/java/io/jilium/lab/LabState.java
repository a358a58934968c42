// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a lab remembers between two commands, as small JSON files below its directory. */
final class LabState {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * @param nodes how many nodes the lab has
   * @param settings the `--set` arguments it was brought up with
   */
  record Lab(int nodes, List<String> settings) {
    Lab {
      settings = List.copyOf(settings);
    }

    List<String> nodeNames() {
      var names = new ArrayList<String>();
      for (int number = 1; number <= nodes; number++) {
        names.add("node-" + number);
      }
      return names;
    }
  }

  private final LabName name;

  LabState(LabName name) {
    this.name = name;
  }

  Optional<Lab> lab() {
    return read(labFile(), Lab.class);
  }

  Lab requireLab() {
    return lab()
        .orElseThrow(() ->
            new LabException(
                "no lab '%s' is up: start one with ./jilium lab up --name %s"
                    .formatted(name.value(), name.value())));
  }

  void save(Lab lab) {
    write(labFile(), lab);
  }

  List<Pod> pods() {
    try (var files = Files.walk(podDirectory())) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .flatMap(file -> read(file, Pod.class).stream())
          .sorted(Comparator.comparing(Pod::namespace).thenComparing(Pod::name))
          .toList();
    } catch (NoSuchFileException absent) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<Pod> pod(String namespace, String pod) {
    return read(podFile(namespace, pod), Pod.class);
  }

  void save(Pod pod) {
    write(podFile(pod.namespace(), pod.name()), pod);
  }

  void remove(Pod pod) {
    try {
      Files.deleteIfExists(podFile(pod.namespace(), pod.name()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path labFile() {
    return name.directory().resolve("lab.json");
  }

  private Path podDirectory() {
    return name.directory().resolve("pods");
  }

  private Path podFile(String namespace, String pod) {
    return podDirectory().resolve(namespace).resolve(pod + ".json");
  }

  private static <T> Optional<T> read(Path file, Class<T> type) {
    try {
      return Optional.of(JSON.readValue(file.toFile(), type));
    } catch (java.io.FileNotFoundException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw new LabException(
          "%s can't be read: %s; ./jilium lab down cleans up".formatted(file, e.getMessage()), e);
    }
  }

  private static void write(Path file, Object value) {
    try {
      Files.createDirectories(file.getParent());
      var next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, json(value));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
