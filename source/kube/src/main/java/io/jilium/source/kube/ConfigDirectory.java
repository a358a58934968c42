// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A ConfigMap as kubelet mounts it: one file per key, beside links and directories whose names
 * begin with two dots.
 */
public final class ConfigDirectory {
  private static final long LARGEST = 64 << 10;

  private ConfigDirectory() {}

  /**
   * Flags and their values.
   *
   * @throws IllegalArgumentException naming what cannot be read
   */
  public static Map<String, String> read(Path directory) {
    var flags = new TreeMap<String, String>();
    try (var files = Files.newDirectoryStream(directory)) {
      for (var file : files) {
        var name = file.getFileName() + "";
        if (name.startsWith("..") || !Files.isRegularFile(file)) {
          continue;
        }
        if (Files.size(file) > LARGEST) {
          throw new IllegalArgumentException(file + " is too long for a setting");
        }
        flags.put(name, Files.readString(file).strip());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "settings directory " + directory + " cannot be read: " + e.getClass().getSimpleName(),
          e);
    }
    return flags;
  }
}
