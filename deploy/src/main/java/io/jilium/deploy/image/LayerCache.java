// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;

/**
 * Layers that were built before, by a key of all that goes into them: {@code
 * DIRECTORY/NAME-KEY/{root,layer.tar.gz,layer}}. Of each name the newest few are kept.
 */
final class LayerCache {
  private static final int KEPT = 4;

  /** Fills an empty directory with a layer's files. */
  interface Filler {
    void fill(Path root) throws IOException, InterruptedException;
  }

  private final Path directory;

  LayerCache(Path directory) {
    this.directory = directory;
  }

  /**
   * The layer of this key, built if it is not there.
   *
   * @param seconds modification time of everything in it, since 1970
   */
  Layer layer(String name, String key, long seconds, Filler filler)
      throws IOException, InterruptedException {
    Path home = directory.resolve(name + "-" + key.substring(0, 16));
    if (!Files.exists(home.resolve("layer"))) {
      Path fresh = directory.resolve("." + name + "-" + ProcessHandle.current().pid());
      delete(fresh);
      Files.createDirectories(fresh.resolve("root"));
      filler.fill(fresh.resolve("root"));
      touch(fresh.resolve("root"), seconds);
      Layer layer = Layer.pack(name, fresh.resolve("root"), fresh.resolve("layer.tar.gz"), seconds);
      Files.writeString(
          fresh.resolve("layer"),
          String.join("\n", layer.diffId(), layer.digest(), Long.toString(layer.unpacked())));
      delete(home);
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
      forget(name, home);
    }
    List<String> facts = Files.readAllLines(home.resolve("layer"));
    return new Layer(
        name,
        home.resolve("root"),
        home.resolve("layer.tar.gz"),
        facts.get(0),
        facts.get(1),
        Long.parseLong(facts.get(2)));
  }

  /** Whether the layer of this key is there. */
  boolean has(String name, String key) {
    return Files.exists(directory.resolve(name + "-" + key.substring(0, 16)).resolve("layer"));
  }

  private void forget(String name, Path newest) throws IOException {
    List<Path> old;
    try (var entries = Files.list(directory)) {
      old =
          entries
              .filter(entry -> entry.getFileName().toString().startsWith(name + "-"))
              .filter(entry -> !entry.equals(newest))
              .sorted(Comparator.comparing(LayerCache::time).reversed())
              .skip(KEPT - 1)
              .toList();
    }
    for (Path path : old) {
      delete(path);
    }
  }

  private static FileTime time(Path path) {
    try {
      return Files.getLastModifiedTime(path.resolve("layer"));
    } catch (IOException e) {
      return FileTime.fromMillis(0); // half built by a process that died
    }
  }

  private static void touch(Path root, long seconds) throws IOException {
    FileTime time = FileTime.fromMillis(seconds * 1000);
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!attributes.isSymbolicLink()) {
              Files.setLastModifiedTime(file, time);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Removes a tree, if it is there. */
  static void delete(Path tree) throws IOException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> paths;
    try (var found = Files.walk(tree)) {
      paths = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
