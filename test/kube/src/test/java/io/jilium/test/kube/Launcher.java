// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The commands that a user types in the clone. */
final class Launcher {
  private Launcher() {}

  /** {@code ./jilium ARGUMENT…}, of the build that runs this test. */
  static Command jilium(String... arguments) {
    return Command.of(home().resolve("jilium").toString())
        .with(List.of(arguments))
        // The launcher must not start a build of its own.
        .environment("JILIUM_BUILD", "never");
  }

  /** The image of this build, made once in a run of the tests. */
  static Path image() {
    return Image.ARCHIVE;
  }

  static Path home() {
    return Path.of(System.getProperty("jilium.home", "../..")).toAbsolutePath().normalize();
  }

  private static final class Image {
    private static final Path ARCHIVE = build();

    private static Path build() {
      var archive = home().resolve("test/kube/target/jilium.oci.tar");
      jilium("image", "-o", archive.toString()).run();
      if (!Files.exists(archive)) {
        throw new AssertionError("./jilium image -o wrote no " + archive);
      }
      return archive;
    }
  }
}
