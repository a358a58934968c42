// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs programs. */
final class Command {
  private Command() {}

  /**
   * What the program prints.
   *
   * @throws ImageException with the last line of its errors when it fails
   */
  static String run(Path directory, List<String> words) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("jilium-image", ".err");
    try {
      Process process =
          new ProcessBuilder(words)
              .directory(directory.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectError(errors.toFile())
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        String said = Files.readString(errors).strip();
        throw new ImageException(
            "%s failed: %s"
                .formatted(
                    String.join(" ", words.subList(0, Math.min(3, words.size()))),
                    said.isEmpty() ? "no word of why" : said.lines().toList().getLast()));
      }
      return output;
    } finally {
      Files.deleteIfExists(errors);
    }
  }
}
