// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Endpoints on disk. {@code state/<id>/ep_config.json} is an endpoint that the runtime was told of;
 * {@code state/<id>_next} is one that is just being made or removed: what a start finds there is
 * undone. A rename of the directory is the moment of truth. Nothing is synced to the medium,
 * because the directory need not survive the kernel that has the devices.
 */
final class EndpointStore {
  /** What a start finds: whole endpoints, and those to be undone. */
  record Found(List<Entry> settled, List<Entry> unsettled) {}

  private static final Logger LOG = LoggerFactory.getLogger(EndpointStore.class);
  private static final String FILE = "ep_config.json";
  private static final String NEXT = "_next";

  private final Path directory;

  EndpointStore(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + directory, e);
    }
  }

  /** Before the first effect: says what a start must undo. */
  void begin(Entry entry) {
    write(next(entry.endpoint().id()), entry);
  }

  /** Everything is in place. */
  void settle(Entry entry) {
    int id = entry.endpoint().id();
    write(next(id), entry);
    move(next(id), settled(id));
  }

  /** An endpoint that stays changed. */
  void update(Entry entry) {
    write(settled(entry.endpoint().id()), entry);
  }

  /** Before the first effect of a removal. */
  void unsettle(int id) {
    if (Files.exists(settled(id))) {
      move(settled(id), next(id));
    }
  }

  /** Nothing of it is left in the kernel. */
  void remove(int id) {
    delete(next(id));
    delete(settled(id));
  }

  /** Reads all; what cannot be read is set aside with a warning. */
  Found load() {
    var settled = new ArrayList<Entry>();
    var unsettled = new ArrayList<Entry>();
    try (var list = Files.newDirectoryStream(directory, path -> Files.isDirectory(path))) {
      for (var path : list) {
        var name = path.getFileName().toString();
        if (name.matches("\\d{1,5}")) {
          read(path, settled);
        } else if (name.matches("\\d{1,5}" + NEXT)) {
          read(path, unsettled);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("list " + directory, e);
    }
    return new Found(settled, unsettled);
  }

  private void read(Path path, List<Entry> entries) {
    try {
      entries.add(EntryJson.read(Files.readAllBytes(path.resolve(FILE))));
    } catch (NoSuchFileException e) {
      delete(path); // killed before the first effect
    } catch (IOException e) {
      var aside = path.resolveSibling(path.getFileName() + "_broken");
      LOG.warn(
          "{} is not readable and set aside as {}: {}", path, aside.getFileName(), e.getMessage());
      delete(aside);
      move(path, aside);
    }
  }

  private Path settled(int id) {
    return directory.resolve(Integer.toString(id));
  }

  private Path next(int id) {
    return directory.resolve(id + NEXT);
  }

  private static void write(Path path, Entry entry) {
    try {
      Files.createDirectories(path);
      var temporary = path.resolve(FILE + ".tmp");
      Files.write(temporary, EntryJson.write(entry));
      Files.move(temporary, path.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + path.resolve(FILE), e);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("rename " + from + " to " + to, e);
    }
  }

  private static void delete(Path path) {
    try (var files = Files.newDirectoryStream(path)) {
      for (var file : files) {
        Files.delete(file);
      }
      Files.delete(path);
    } catch (NoSuchFileException | DirectoryNotEmptyException _) {
      return; // gone, or somebody keeps files of his own there
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + path, e);
    }
  }
}
