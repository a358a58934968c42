// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchiveTest {
  @TempDir private Path directory = Path.of("");

  private Map<String, String> contents(Path file) throws IOException {
    var contents = new TreeMap<String, String>();
    try (var zip = new ZipFile(file.toFile())) {
      for (var entry : zip.stream().toList()) {
        contents.put(
            entry.getName(),
            new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return contents;
  }

  @Test
  void holdsWhatCouldBeHadAndSaysWhatCouldNot() throws IOException {
    var file = directory.resolve("dump.zip");
    var progress = new ArrayList<Integer>();
    var missing =
        new Archive(2)
            .write(
                file,
                "dump",
                List.of(
                    new Piece("a.txt", () -> "text"),
                    new Piece("none.log", () -> ""),
                    new Piece(
                        "b.txt",
                        () -> {
                          throw new Piece.NotCollected("not allowed");
                        }),
                    new Piece(
                        "c.txt",
                        () -> {
                          throw new IllegalStateException("bug");
                        })),
                progress::add);
    assertThat(missing)
        .containsExactly("b.txt: not allowed", "c.txt: java.lang.IllegalStateException: bug");
    assertThat(contents(file))
        .containsOnly(
            Map.entry("dump/a.txt", "text"),
            Map.entry("dump/not-collected.txt", String.join("\n", missing) + "\n"));
    assertThat(progress).containsExactly(1, 2, 3, 4);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void valuesThatMayBePasswordsAreLeftOut() {
    var container = new LinkedHashMap<String, Object>();
    container.put("name", "main");
    container.put("image", "x:1");
    container.put("args", List.of("--password=hidden1"));
    container.put(
        "env",
        List.of(
            Map.of("name", "TOKEN", "value", "hidden2"),
            Map.of("name", "REF", "valueFrom", Map.of("secretKeyRef", Map.of("name", "s")))));
    var pod =
        Map.of(
            "metadata",
                Map.of(
                    "name", "p",
                    "annotations",
                        Map.of(
                            "kubectl.kubernetes.io/last-applied-configuration", "hidden3",
                            "note", "kept"),
                    "managedFields", List.of("hidden4")),
            "spec", Map.of("initContainers", List.of(container), "containers", List.of(container)));
    assertThat(Redaction.of(pod).toString())
        .contains("x:1", "TOKEN", "secretKeyRef", "kept", "name=p")
        .doesNotContain("hidden");
  }
}
