// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapInfo;
import io.jilium.linux.sys.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directory of a node's pinned maps. A pin that does not fit is never deleted unread: it is set
 * aside under another name and told, and pins of older layouts stay until {@link #removeOlder}.
 */
final class MapPins {
  /** bpffs reserves names with a dot. */
  private static final String RESIZED = "-resized";

  private static final String ASIDE = "-aside";
  private static final Pattern NAME = Pattern.compile("([a-z_]+)_v([0-9]+)");

  private final Path directory;
  private final List<String> notices = new ArrayList<>();

  MapPins(Path directory) {
    this.directory = directory;
  }

  /** Sentences about what was found and not used. */
  List<String> notices() {
    return List.copyOf(notices);
  }

  private Path path(DatapathMap map) {
    return directory.resolve(map.pinName());
  }

  /** The pinned map, if it has the declared form; its capacity may differ. */
  Optional<KernelMap> find(DatapathMap map, MapInfo declared) {
    var pin = path(map);
    if (!Files.exists(pin) && !takeBack(map, pin)) {
      return Optional.empty();
    }
    KernelMap found;
    try {
      found = KernelMap.open(pin);
    } catch (LinuxException e) {
      setAside(pin, "is not a usable map: " + e.getMessage());
      return Optional.empty();
    }
    var actual = found.info();
    if (actual.type() == declared.type()
        && actual.keySize() == declared.keySize()
        && actual.valueSize() == declared.valueSize()
        && actual.flags() == declared.flags()) {
      return Optional.of(found);
    }
    found.close();
    setAside(pin, "is " + form(actual) + ", but this version needs " + form(declared));
    return Optional.empty();
  }

  /** A former agent ended between the two steps of {@link #pin}. */
  private boolean takeBack(DatapathMap map, Path pin) {
    var resized = resized(map);
    if (resized.isEmpty()) {
      return false;
    }
    move(resized.getLast(), pin);
    return true;
  }

  private static String form(MapInfo info) {
    return "%s with keys of %d and values of %d bytes (flags 0x%x)"
        .formatted(info.type(), info.keySize(), info.valueSize(), info.flags());
  }

  private void setAside(Path pin, String why) {
    var aside = free(pin, ASIDE);
    move(pin, aside);
    notices.add("map pin " + pin + " " + why + "; it is kept as " + aside + " and not used");
  }

  private static Path free(Path pin, String suffix) {
    var candidate = pin.resolveSibling(pin.getFileName() + suffix);
    for (int i = 2; Files.exists(candidate); i++) {
      candidate = pin.resolveSibling(pin.getFileName() + suffix + i);
    }
    return candidate;
  }

  /**
   * Pins a new map; one of another size that is there goes beside it until the take-over. Returns
   * where that is.
   */
  Optional<Path> pin(DatapathMap map, KernelMap created) {
    var pin = path(map);
    Optional<Path> before = Optional.empty();
    if (Files.exists(pin)) {
      before = Optional.of(free(pin, RESIZED));
      move(pin, before.get());
    }
    created.pin(pin);
    return before;
  }

  /** Undoes {@link #pin}: the map that went beside is the pinned one again. */
  void restore(DatapathMap map, Path before) {
    move(before, path(map));
  }

  /** Maps of another size that {@link #pin} replaced, now or before a crash. */
  List<Path> resized(DatapathMap map) {
    var prefix = map.pinName() + RESIZED;
    return list().stream().filter(pin -> name(pin).startsWith(prefix)).toList();
  }

  /** Pins that this version does not understand: told once, at start. */
  void survey() {
    for (var pin : list()) {
      var name = NAME.matcher(name(pin));
      if (name.matches() && version(name) > DatapathMap.LAYOUT_VERSION) {
        notices.add(
            "map pin %s has layout version %d, newer than %d which this version knows; it is left alone"
                .formatted(pin, version(name), DatapathMap.LAYOUT_VERSION));
      } else if (isOlder(name)) {
        notices.add(
            "map pin %s has layout version %d; it is kept until the tables of version %d are filled"
                .formatted(pin, version(name), DatapathMap.LAYOUT_VERSION));
      } else if (!name.matches() && !isSideName(name(pin))) {
        notices.add("map pin " + pin + " is not of Jilium's making; it is left alone");
      }
    }
  }

  /** Removes pins of older layouts of our maps; returns what was removed. */
  List<Path> removeOlder() {
    var older = list().stream().filter(pin -> isOlder(NAME.matcher(name(pin)))).toList();
    older.forEach(KernelMap::unpin);
    return older;
  }

  private static boolean isSideName(String name) {
    return name.contains(RESIZED) || name.contains(ASIDE);
  }

  private static boolean isOlder(Matcher name) {
    return name.matches()
        && version(name) < DatapathMap.LAYOUT_VERSION
        && DatapathMap.named(name.group(1)).isPresent();
  }

  private static long version(Matcher name) {
    return Long.parseLong(name.group(2), 0, Math.min(name.group(2).length(), 9), 10);
  }

  private static String name(Path pin) {
    return pin.getFileName().toString();
  }

  private List<Path> list() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("list " + directory, e);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("rename " + from + " to " + to, e);
    }
  }

  /**
   * Removes every pin of our maps, whatever version, and the directory if nothing else is in it.
   */
  void removeAll() {
    for (var pin : list()) {
      var base = name(pin).replaceFirst("-(resized|aside)[0-9]*$", "");
      var name = NAME.matcher(base);
      if (name.matches() && DatapathMap.named(name.group(1)).isPresent()) {
        KernelMap.unpin(pin);
      }
    }
  }
}
