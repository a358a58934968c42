// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;

/** Writes kubeconfig files: one cluster, one user with a token, one context. */
final class Kubeconfig {
  private Kubeconfig() {}

  /**
   * @param authority certificates in PEM that the server's own is checked against
   */
  static Path write(Path file, String cluster, URI server, Path authority, String token) {
    try {
      String text =
          """
          apiVersion: v1
          kind: Config
          clusters:
          - name: %1$s
            cluster:
              server: %2$s
              certificate-authority-data: %3$s
          users:
          - name: %1$s
            user: {token: "%4$s"}
          contexts:
          - name: %1$s
            context: {cluster: %1$s, user: %1$s}
          current-context: %1$s
          """
              .formatted(
                  cluster,
                  server,
                  Base64.getEncoder().encodeToString(Files.readAllBytes(authority)),
                  token);
      // In one step: a daemon may be reading it.
      var next = Files.createTempFile(file.getParent(), "kubeconfig", "");
      Files.writeString(next, text);
      return Files.move(
          next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + file, e);
    }
  }
}
