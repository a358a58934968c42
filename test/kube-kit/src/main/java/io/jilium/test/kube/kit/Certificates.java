// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Keys that a control plane needs and does not make itself. */
final class Certificates {
  private static final int BITS = 2048;
  private static final int PEM_LINE = 64;
  private static final int TOKEN_BYTES = 16;

  private Certificates() {}

  /** The key that signs service accounts' tokens; one that is there stays. */
  static void serviceAccountKey(Path file) {
    if (Files.exists(file)) {
      return;
    }
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
      var base64 = Base64.getMimeEncoder(PEM_LINE, "\n".getBytes(StandardCharsets.US_ASCII));
      Files.writeString(
          file,
          "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
              .formatted(base64.encodeToString(key)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The API server's own certificate as a client of the kubelets: self-signed, ten years. */
  static void kubeletClient(Path certificate, Path key) {
    if (Files.exists(certificate)) {
      return;
    }
    Command.of("openssl", "req", "-x509", "-newkey", "rsa:" + BITS, "-nodes", "-days", "3650")
        .with(List.of("-subj", "/CN=kube-apiserver-kubelet-client"))
        .with(List.of("-keyout", key.toString(), "-out", certificate.toString()))
        .run();
  }

  /** A bearer token that nobody guesses. */
  static String token() {
    var bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
