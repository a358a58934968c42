// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Facts of the node that outlive the agent, one {@code key=value} a line; replaced as a whole, so
 * that a crash leaves the old or the new.
 */
public final class StateFile {
  private final Path path;
  private final Map<String, String> values = new TreeMap<>();

  private StateFile(Path path) {
    this.path = path;
  }

  /** Reads the file; a missing one is empty, a line that is none is ignored. */
  public static StateFile open(Path path) {
    var file = new StateFile(path);
    if (Files.exists(path)) {
      try {
        for (var line : Files.readAllLines(path)) {
          int equals = line.indexOf('=');
          if (equals > 0) {
            file.values.put(line.substring(0, equals), line.substring(equals + 1));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("read " + path, e);
      }
    }
    return file;
  }

  public synchronized Optional<String> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  public synchronized void put(String key, String value) {
    if (!value.equals(values.put(key, value))) {
      write();
    }
  }

  synchronized void putIfAbsent(String key, String value) {
    if (values.putIfAbsent(key, value) == null) {
      write();
    }
  }

  synchronized Map<String, String> startingWith(String prefix) {
    var found = new LinkedHashMap<String, String>();
    values.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        found.put(key, value);
      }
    });
    return found;
  }

  private void write() {
    var text = new StringBuilder();
    values.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    var next = path.resolveSibling(path.getFileName() + ".next");
    try {
      Files.writeString(next, text);
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + path, e);
    }
  }
}
