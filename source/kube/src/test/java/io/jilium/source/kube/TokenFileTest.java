// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
  @TempDir private Path directory;
  private final AtomicLong clock = new AtomicLong();

  @SuppressWarnings("NullAway.Init") // set before each test
  private Path file;

  @SuppressWarnings("NullAway.Init")
  private TokenFile token;

  @SuppressWarnings("NullAway.Init")
  TokenFileTest() {}

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(directory.resolve("token"), "first\n");
    token = new TokenFile(file, clock::get);
    assertThat(token.getToken()).isEqualTo("first");
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  @Test
  void aNewTokenIsUsedWithinAMinute() throws IOException {
    Files.writeString(file, "second\n");
    pass(Duration.ofSeconds(59));
    assertThat(token.getToken()).isEqualTo("first");
    pass(Duration.ofSeconds(2));
    assertThat(token.getToken()).isEqualTo("second");
  }

  @Test
  void theLastTokenStaysInUseWhileTheFileIsAway() throws IOException {
    Files.delete(file);
    pass(Duration.ofMinutes(2));
    assertThat(token.getToken()).isEqualTo("first");
    Files.writeString(file, "third");
    pass(Duration.ofMinutes(2));
    assertThat(token.getToken()).isEqualTo("third");
  }
}
