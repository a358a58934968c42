// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The version of what was built, the same in every process. */
public final class JiliumVersion {
  private JiliumVersion() {}

  /** As in the build, such as 0.1.0. */
  public static String text() {
    try (InputStream in = JiliumVersion.class.getResourceAsStream("version.txt")) {
      if (in == null) {
        throw new IllegalStateException("version.txt is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("read version.txt", e);
    }
  }

  /** Operating system and processor as Go and containers name them: linux/amd64. */
  public static String platform() {
    String arch = System.getProperty("os.arch");
    return "linux/" + (arch.equals("aarch64") ? "arm64" : arch);
  }
}
