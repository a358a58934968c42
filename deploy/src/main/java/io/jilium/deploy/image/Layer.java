// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;

/**
 * One layer of the image.
 *
 * @param name what it holds, for people
 * @param root its files
 * @param archive the same as a compressed tar archive
 * @param diffId SHA-256 of the tar archive
 * @param digest SHA-256 of the compressed archive
 * @param unpacked length of the tar archive in bytes
 */
record Layer(String name, Path root, Path archive, String diffId, String digest, long unpacked) {

  /**
   * Packs a directory.
   *
   * @param seconds modification time of everything in it, since 1970
   */
  static Layer pack(String name, Path root, Path archive, long seconds) throws IOException {
    MessageDigest plain = Digests.sha256();
    MessageDigest packed = Digests.sha256();
    var counter = new Counter();
    try (var file = new DigestOutputStream(Files.newOutputStream(archive), packed);
        var gzip = new GZIPOutputStream(new BufferedOutputStream(file, 1 << 16), 1 << 16);
        var content = new DigestOutputStream(new Fork(gzip, counter), plain);
        var tar = new Tar(new BufferedOutputStream(content, 1 << 16), seconds)) {
      tar.tree(root);
    }
    return new Layer(name, root, archive, Digests.hex(plain), Digests.hex(packed), counter.bytes);
  }

  /** Bytes of the compressed archive. */
  long size() throws IOException {
    return Files.size(archive);
  }

  private static final class Counter {
    private long bytes;
  }

  /** Counts what passes. */
  private static final class Fork extends OutputStream {
    private final OutputStream out;
    private final Counter counter;

    Fork(OutputStream out, Counter counter) {
      this.out = out;
      this.counter = counter;
    }

    @Override
    public void write(int b) throws IOException {
      counter.bytes++;
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      counter.bytes += length;
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
