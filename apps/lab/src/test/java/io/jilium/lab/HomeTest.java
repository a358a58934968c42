// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the lab starts its processes. */
class HomeTest {
  private static final Instant BUILT = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir private Path directory = Path.of("");

  @BeforeEach
  void build() throws IOException {
    var target = Files.createDirectories(directory.resolve("apps/agent/target"));
    var library = file(directory.resolve("library.jar"), BUILT);
    file(target.resolve("jilium-agent-0.1.0-SNAPSHOT.jar"), BUILT);
    Files.writeString(target.resolve("classpath"), library + "\n");
    Files.createDirectories(directory.resolve("target"));
  }

  private static Path file(Path path, Instant modified) throws IOException {
    Files.writeString(path, "");
    return Files.setLastModifiedTime(path, FileTime.from(modified));
  }

  private String flags() {
    return String.join(" ", new Home(directory).daemonFlags("agent", false));
  }

  @Test
  void aCacheOfTheseJarsIsUsed() throws IOException {
    var cache = file(directory.resolve("target/agent.aot"), BUILT.plusSeconds(60));
    assertThat(flags()).contains("-XX:AOTCache=" + cache);
  }

  @Test
  void aCacheOfOlderJarsIsNot() throws IOException {
    file(directory.resolve("target/agent.aot"), BUILT.minusSeconds(60));
    assertThat(flags()).doesNotContain("AOTCache");
  }

  @Test
  void withoutACacheNoneIsUsed() {
    assertThat(flags()).doesNotContain("AOTCache");
  }
}
