// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Writes POSIX tar archives (pax interchange format) that depend on names, permissions and contents
 * alone: sorted, owned by root, of one time.
 */
final class Tar implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int NAME = 100;

  private final OutputStream out;
  private final long seconds;

  /**
   * @param out where the archive goes; closed with this
   * @param seconds modification time of every entry, since 1970
   */
  Tar(OutputStream out, long seconds) {
    this.out = out;
    this.seconds = seconds;
  }

  /** Adds everything below a directory, without the directory itself. */
  void tree(Path root) throws IOException {
    List<Path> paths;
    try (var found = Files.walk(root)) {
      paths = found.filter(path -> !path.equals(root)).sorted().toList();
    }
    for (Path path : paths) {
      String name = root.relativize(path).toString();
      if (Files.isSymbolicLink(path)) {
        entry(name, '2', 0777, 0, Files.readSymbolicLink(path).toString());
      } else if (Files.isDirectory(path)) {
        entry(name + "/", '5', mode(path), 0, "");
      } else {
        file(name, path);
      }
    }
  }

  /** Adds one file. */
  void file(String name, Path source) throws IOException {
    long size = Files.size(source);
    entry(name, '0', mode(source), size, "");
    Files.copy(source, out);
    pad(size);
  }

  /** Adds one file that anybody may read. */
  void file(String name, byte[] content) throws IOException {
    entry(name, '0', 0644, content.length, "");
    out.write(content);
    pad(content.length);
  }

  /** Ends the archive. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.close();
  }

  private void entry(String name, char type, int mode, long size, String target)
      throws IOException {
    var extended = new StringBuilder();
    if (bytes(name).length > NAME) {
      extended.append(record("path", name));
    }
    if (bytes(target).length > NAME) {
      extended.append(record("linkpath", target));
    }
    if (!extended.isEmpty()) {
      byte[] content = bytes(extended.toString());
      header("pax", 'x', 0644, content.length, "");
      out.write(content);
      pad(content.length);
    }
    header(name, type, mode, size, target);
  }

  /** "LENGTH KEY=VALUE\n", where the length counts itself. */
  private static String record(String key, String value) {
    int rest = bytes(" " + key + "=" + value + "\n").length;
    int length = rest + Integer.toString(rest).length();
    if (rest + Integer.toString(length).length() != length) {
      length++;
    }
    return length + " " + key + "=" + value + "\n";
  }

  private void header(String name, char type, int mode, long size, String target)
      throws IOException {
    byte[] header = new byte[BLOCK];
    text(header, 0, NAME, name);
    octal(header, 100, 8, mode);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, size);
    octal(header, 136, 12, seconds);
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = (byte) type;
    text(header, 157, NAME, target);
    text(header, 257, 6, "ustar");
    text(header, 263, 2, "00");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    octal(header, 148, 7, sum);
    out.write(header);
  }

  private void pad(long size) throws IOException {
    out.write(new byte[(int) (-size & (BLOCK - 1))]);
  }

  private static void text(byte[] header, int at, int length, String text) {
    byte[] bytes = bytes(text);
    System.arraycopy(bytes, 0, header, at, Math.min(length, bytes.length));
  }

  private static void octal(byte[] header, int at, int length, long value) {
    String digits = Long.toOctalString(value);
    text(header, at, length - 1, "0".repeat(length - 1 - digits.length()) + digits);
    header[at + length - 1] = 0;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int mode(Path path) throws IOException {
    Set<PosixFilePermission> set = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    int mode = 0;
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      mode = mode << 1 | (set.contains(permission) ? 1 : 0);
    }
    return mode;
  }
}
