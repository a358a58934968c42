// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DELs that the plugin wrote down while no agent answered: a file each, complete when its name ends
 * in {@code .delete}. The plugin holds {@code lockfile} shared while it looks for the agent a last
 * time and writes; the agent holds it exclusively from before it works the queue off until its
 * socket is open.
 */
final class DeleteQueue {
  private static final Logger LOG = LoggerFactory.getLogger(DeleteQueue.class);

  /** Held until closed. */
  record Lock(FileChannel channel, FileLock lock) implements AutoCloseable {
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException("unlock the DEL queue", e);
      }
    }
  }

  private final Path directory;

  DeleteQueue(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + directory, e);
    }
  }

  /** Waits for plugins that are just writing; each is bound by its own deadline. */
  Lock lock() {
    var path = directory.resolve("lockfile");
    try {
      var channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new Lock(channel, channel.lock());
    } catch (IOException e) {
      throw new UncheckedIOException("lock " + path, e);
    }
  }

  /** Hands every DEL on; a file goes when its DEL is done. What fails stays for the next time. */
  void drain(Consumer<Attachment> delete) {
    for (var file : files()) {
      try {
        delete.accept(read(file));
        Files.deleteIfExists(file);
      } catch (CniException e) {
        if (e.code() == CniException.Code.INVALID_ENVIRONMENT) {
          discard(file, String.valueOf(e.getMessage()));
        } else {
          LOG.warn("queued DEL {}: {}", file.getFileName(), e.getMessage());
        }
      } catch (IOException e) {
        discard(file, String.valueOf(e.getMessage()));
      }
    }
  }

  private static Attachment read(Path file) throws IOException {
    return CniRequest.read(new ByteArrayInputStream(Files.readAllBytes(file))).attachment();
  }

  private List<Path> files() {
    var files = new ArrayList<Path>();
    try (var list = Files.newDirectoryStream(directory, "*.delete")) {
      list.forEach(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException("list " + directory, e);
    }
    return files;
  }

  private static void discard(Path file, String reason) {
    LOG.warn("queued DEL {} is not readable and discarded: {}", file.getFileName(), reason);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("delete {}: {}", file, e.getMessage());
    }
  }
}
