// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second agent away from the node. The kernel drops the lock with the process, however it
 * ends.
 */
final class AgentLock implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;

  private AgentLock(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Refuses when another process, or this one, has the lock. */
  static AgentLock take(Path directory) {
    var path = directory.resolve("agent.pid");
    try {
      Files.createDirectories(directory);
      var channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        var owner = Files.readString(path).strip();
        channel.close();
        throw new IllegalStateException(
            "another agent"
                + (owner.isEmpty() ? "" : " (process " + owner + ")")
                + " runs in "
                + directory);
      }
      channel.truncate(0);
      var pid = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new AgentLock(path, channel);
    } catch (IOException e) {
      throw new UncheckedIOException("lock " + path + ": " + e.getMessage(), e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Removes its file, which otherwise stays; the lock is held on until it is closed. */
  void removeFile() throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
