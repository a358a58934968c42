// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import io.jilium.linux.sys.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A directory of its own on bpffs for each test, removed with all pins in it afterwards. */
public final class BpffsDirectory implements AfterEachCallback {
  private static final Path BPFFS = Path.of("/sys/fs/bpf");
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final Path path =
      BPFFS.resolve("jilium-test-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet());

  /** The directory; it exists after the first call. */
  public Path path() {
    try {
      Mounts.ensureBpffs(BPFFS);
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + path, e);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (!Files.exists(path)) {
      return;
    }
    try (var files = Files.walk(path)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + path, e);
    }
  }
}
