// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An archive that the kernel unpacks as its first root: cpio's format "newc", as
 * Documentation/driver-api/early-userspace/buffer-format.rst of the kernel has it.
 */
final class InitialRamdisk {
  private static final int DIRECTORY = 0040755;
  private static final int EXECUTABLE = 0100755;

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private int inode;

  void directory(String name) {
    entry(name, DIRECTORY, new byte[0]);
  }

  void file(String name, byte[] content) {
    entry(name, EXECUTABLE, content);
  }

  void file(String name, String content) {
    file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The whole archive; nothing can be added afterwards. */
  byte[] finish() {
    entry("TRAILER!!!", 0, new byte[0]);
    return archive.toByteArray();
  }

  private void entry(String name, int mode, byte[] content) {
    inode++;
    var bytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    int[] fields = {inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, bytes.length, 0};
    var header = new StringBuilder("070701");
    for (int field : fields) {
      header.append("%08X".formatted(field));
    }
    archive.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    archive.writeBytes(bytes);
    pad();
    archive.writeBytes(content);
    pad();
  }

  private void pad() {
    archive.writeBytes(new byte[-archive.size() & 3]);
  }
}
