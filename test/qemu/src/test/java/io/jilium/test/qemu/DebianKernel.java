// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A kernel of Debian with its modules. */
final class DebianKernel {
  /** Debian 12's: the last without tcx. */
  private static final Pattern BOOKWORM = Pattern.compile("linux-image-6\\.1\\.0-\\d+-amd64");

  private static final Pattern DEPENDS = Pattern.compile("\0depends=([^\0]*)\0");

  /** The rest of the package, a third of a gigabyte, is drivers that no virtual machine needs. */
  private static final List<String> PARTS =
      List.of(
          "./boot/vmlinuz-*",
          "./lib/modules/*/kernel/net/*",
          "./lib/modules/*/kernel/drivers/virtio/*",
          "./lib/modules/*/kernel/drivers/net/veth.ko",
          "./lib/modules/*/kernel/drivers/net/dummy.ko",
          "./lib/modules/*/kernel/drivers/net/vxlan/*",
          "./lib/modules/*/kernel/fs/9p/*",
          "./lib/modules/*/kernel/fs/fscache/*",
          "./lib/modules/*/kernel/fs/netfs/*");

  private final Path image;
  private final Map<String, Path> modules = new LinkedHashMap<>();

  private DebianKernel(Path directory) {
    image = only(directory.resolve("boot"), "vmlinuz-");
    try (var files = Files.walk(directory.resolve("lib/modules"))) {
      files
          .filter(file -> file.toString().endsWith(".ko"))
          .forEach(file -> modules.put(moduleName(file), file));
    } catch (IOException e) {
      throw new UncheckedIOException("list modules of " + directory, e);
    }
  }

  /**
   * The kernel that {@code -Djilium.qemu.kernel=PACKAGE} names, else the newest of Debian 12 that
   * apt knows, else one that was fetched before.
   */
  static Optional<DebianKernel> find(DebianPackages packages) {
    return Optional.ofNullable(System.getProperty("jilium.qemu.kernel"))
        .or(() -> packages.newest("linux-image-6.1.", BOOKWORM))
        .or(() -> packages.cached(BOOKWORM))
        .map(name -> new DebianKernel(packages.unpacked(name, PARTS)));
  }

  Path image() {
    return image;
  }

  /** The modules that are wanted and those that they need, in the order to load them. */
  Map<String, byte[]> modules(Collection<String> wanted) {
    var ordered = new LinkedHashMap<String, byte[]>();
    wanted.forEach(name -> add(name, ordered));
    return ordered;
  }

  private void add(String name, Map<String, byte[]> ordered) {
    if (ordered.containsKey(name)) {
      return;
    }
    var file = modules.get(name);
    if (file == null) {
      throw new IllegalStateException("kernel " + image.getFileName() + " has no module " + name);
    }
    try {
      var content = Files.readAllBytes(file);
      dependencies(content).forEach(dependency -> add(dependency, ordered));
      ordered.put(name, content);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file, e);
    }
  }

  /** What section .modinfo says; installing the package would have written it to modules.dep. */
  private static List<String> dependencies(byte[] module) {
    var match = DEPENDS.matcher(new String(module, StandardCharsets.ISO_8859_1));
    var names = new ArrayList<String>();
    if (match.find()) {
      for (var name : match.group(1).split(",", -1)) {
        if (!name.isEmpty()) {
          names.add(name.replace('-', '_'));
        }
      }
    }
    return names;
  }

  private static String moduleName(Path file) {
    return file.getFileName().toString().replaceAll("\\.ko$", "").replace('-', '_');
  }

  private static Path only(Path directory, String prefix) {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(directory + " has no " + prefix));
    } catch (IOException e) {
      throw new UncheckedIOException("list " + directory, e);
    }
  }
}
