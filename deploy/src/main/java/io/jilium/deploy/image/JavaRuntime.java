// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The Java runtime of the image: only the modules in use, linked by the JDK that built Jilium. */
final class JavaRuntime {
  /** Where it is in the image. */
  static final String PLACE = "usr/lib/jilium/runtime";

  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.logging",
          "java.management",
          "java.naming",
          "java.sql", // Jackson's and Guava's optional types
          "java.xml",
          "jdk.httpserver",
          "jdk.management",
          "jdk.net", // who is at the other end of a socket
          "jdk.unsupported");

  private final Path jdk;

  JavaRuntime(Path jdk) {
    this.jdk = jdk;
  }

  /** Everything that the runtime depends on. */
  String key() throws IOException {
    return Digests.of(MODULES + Files.readString(jdk.resolve("release")));
  }

  /** Links it. */
  void link(Path root) throws IOException, InterruptedException {
    Path target = root.resolve(PLACE);
    Files.createDirectories(target.getParent());
    try {
      Command.run(
          root,
          List.of(
              jdk.resolve("bin/jlink").toString(),
              "--add-modules=" + String.join(",", MODULES),
              "--strip-debug",
              "--no-header-files",
              "--no-man-pages",
              "--output=" + target));
    } catch (ImageException e) {
      throw new ImageException(
          "%s; a JDK that can link is one with jmods, or Temurin 25".formatted(e.getMessage()), e);
    }
    // Programs of the JDK that a node does not need.
    for (String program : List.of("jwebserver", "keytool", "rmiregistry", "jrunscript")) {
      Files.deleteIfExists(target.resolve("bin").resolve(program));
    }
  }
}
