// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.jilium.test.kube.kit.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The real Helm, compiled once from its Go module into the user's cache, to compare with. Where Go
 * is missing the test is skipped and says so.
 */
final class Helm {
  private static final String VERSION = "3.19.0";

  private final Path program;

  private Helm(Path program) {
    this.program = program;
  }

  /** Helm, for a test that can do without it. */
  static Helm assumed() {
    Path directory = Path.of(System.getProperty("user.home"), ".cache/jilium/helm-" + VERSION);
    Path program = directory.resolve("helm");
    if (!Files.isExecutable(program)) {
      Optional<Path> go =
          Stream.concat(
                  Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).map(Path::of),
                  Stream.of(Path.of("/usr/local/go/bin")))
              .map(place -> place.resolve("go"))
              .filter(Files::isExecutable)
              .findFirst();
      Assumptions.assumeTrue(
          go.isPresent(), "Go is not installed: Helm can't be compiled to compare with");
      Command.of(
              "env",
              "GOBIN=" + directory,
              "CGO_ENABLED=0",
              go.orElseThrow().toString(),
              "install",
              "helm.sh/helm/v3/cmd/helm@v" + VERSION)
          .run();
    }
    return new Helm(program);
  }

  /** What Helm prints; fails when it does. */
  String run(String... arguments) {
    return Command.of(program.toString()).with(List.of(arguments)).run();
  }

  /** Whether Helm accepts this. */
  boolean accepts(String... arguments) {
    return Command.of(program.toString()).with(List.of(arguments)).attempt().succeeded();
  }
}
