// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A token that is replaced on disk long before it runs out, as kubelet does it: read anew every
 * minute. A file that cannot be read leaves the last token in use.
 */
final class TokenFile implements OAuthTokenProvider {
  private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
  private static final long FRESH_NANOS = Duration.ofMinutes(1).toNanos();

  private final Path path;
  private final LongSupplier nanoTime;
  private String token = "";
  private long readAt;

  TokenFile(Path path) {
    this(path, System::nanoTime);
  }

  TokenFile(Path path, LongSupplier nanoTime) {
    this.path = path;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized String getToken() {
    if (token.isEmpty() || nanoTime.getAsLong() - readAt > FRESH_NANOS) {
      try {
        token = Files.readString(path).strip();
      } catch (IOException e) {
        LOG.warn("token {}: {}", path, e.getMessage());
      }
      readAt = nanoTime.getAsLong();
    }
    return token;
  }
}
