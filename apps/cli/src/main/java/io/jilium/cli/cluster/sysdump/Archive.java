// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

import io.jilium.cli.verb.VerbException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Collects pieces at once and writes them one after the other. */
final class Archive {
  static final String MISSING = "not-collected.txt";

  private final int workers;

  Archive(int workers) {
    this.workers = workers;
  }

  private record Collected(String path, String text, String missing) {}

  /**
   * Writes the archive, readable for its owner only.
   *
   * @param top directory in the archive that holds all of it
   * @param progress hears how many pieces are done
   * @return a line for each piece that could not be had; the archive holds them as well
   */
  List<String> write(Path file, String top, List<Piece> pieces, IntConsumer progress) {
    var missing = new ArrayList<String>();
    try {
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (var zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
          var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var running = new ExecutorCompletionService<Collected>(threads);
        var permits = new Semaphore(workers);
        pieces.forEach(piece -> running.submit(() -> collect(piece, permits)));
        for (int done = 1; done <= pieces.size(); done++) {
          var collected = running.take().get();
          if (!collected.missing().isEmpty()) {
            missing.add("%s: %s".formatted(collected.path(), collected.missing()));
          } else if (!collected.text().isEmpty()) {
            put(zip, top + "/" + collected.path(), collected.text());
          }
          progress.accept(done);
        }
        missing.sort(null);
        if (!missing.isEmpty()) {
          put(zip, top + "/" + MISSING, String.join("\n", missing) + "\n");
        }
      }
    } catch (IOException e) {
      throw new VerbException("cannot write %s: %s".formatted(file, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VerbException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    return missing;
  }

  private static Collected collect(Piece piece, Semaphore permits) throws InterruptedException {
    permits.acquire();
    try {
      return new Collected(piece.path(), piece.source().text(), "");
    } catch (Piece.NotCollected e) {
      return new Collected(piece.path(), "", String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return new Collected(piece.path(), "", e.toString());
    } finally {
      permits.release();
    }
  }

  private static void put(ZipOutputStream zip, String path, String text) {
    try {
      zip.putNextEntry(new ZipEntry(path));
      zip.write(text.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
