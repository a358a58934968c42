// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Debian packages, unpacked into the user's cache and not installed. What was fetched once is not
 * fetched again; the cache may be deleted at any time.
 */
final class DebianPackages {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int EVERYTHING_NUMERIC = 12;

  private final Path cache;

  private DebianPackages(Path cache) {
    this.cache = cache;
  }

  static DebianPackages ofUser() {
    var xdg = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).filter(s -> !s.isEmpty());
    var home = Path.of(System.getProperty("user.home"), ".cache");
    return new DebianPackages(xdg.map(Path::of).orElse(home).resolve("jilium"));
  }

  /** The newest package whose name matches, by the numbers in it; apt's lists are not updated. */
  Optional<String> newest(String prefix, Pattern name) {
    var known = Command.tryRun(Path.of("/"), "apt-cache", "pkgnames", prefix).orElse("").lines();
    return known.filter(name.asMatchPredicate()).max(Comparator.comparing(DebianPackages::order));
  }

  private static String order(String name) {
    return NUMBER
        .matcher(name)
        .replaceAll(m -> "0".repeat(EVERYTHING_NUMERIC - m.group().length()) + m.group());
  }

  /** A package that is in the cache already, newest first. */
  Optional<String> cached(Pattern name) {
    if (!Files.isDirectory(cache)) {
      return Optional.empty();
    }
    try (var files = Files.list(cache)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name.asMatchPredicate())
          .max(Comparator.comparing(DebianPackages::order));
    } catch (IOException e) {
      throw new UncheckedIOException("list " + cache, e);
    }
  }

  /**
   * The directory of an unpacked package.
   *
   * @param parts what of the package is wanted, as patterns of tar
   */
  Path unpacked(String name, List<String> parts) {
    var target = cache.resolve(name);
    if (Files.isDirectory(target)) {
      return target;
    }
    try {
      Files.createDirectories(cache);
      var work = Files.createTempDirectory(cache, "fetch");
      try {
        fetch(name, parts, work);
        Files.move(work.resolve("content"), target);
      } finally {
        delete(work);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("unpack " + name + " to " + target, e);
    }
    return target;
  }

  private static void fetch(String name, List<String> parts, Path work) throws IOException {
    Command.run(work, "apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", name);
    Files.createDirectory(work.resolve("content"));
    var patterns = "'" + String.join("' '", parts) + "'";
    Command.run(
        work,
        "sh",
        "-ec",
        "dpkg-deb --fsys-tarfile *.deb >package.tar;"
            + " tar -xf package.tar -C content --wildcards "
            + patterns);
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
