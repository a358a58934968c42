// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The image's ground: files of Debian packages, taken without installing anything. The packages and
 * what is kept of them stand here and nowhere else.
 */
final class DebianPackages {
  /** Package to what is kept of it, beside its copyright; paths as in the package. */
  private static final Map<String, List<String>> PACKAGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "base-files",
                  List.of(
                      "/etc/debian_version", "/usr/lib/os-release", "/usr/share/common-licenses")),
              Map.entry("libc6", List.of("/lib/x86_64-linux-gnu", "/lib64")),
              // The locale that makes file names UTF-8.
              Map.entry("libc-bin", List.of("/usr/lib/locale")),
              Map.entry("zlib1g", List.of("/lib")),
              Map.entry("libelf1", List.of("/usr/lib")),
              Map.entry("libbpf1", List.of("/usr/lib")),
              // A shell and tools for the init container and for people who look around.
              Map.entry("busybox-static", List.of("/bin")),
              // ip and tc, for people and for sysdump.
              Map.entry("iproute2", List.of("/bin/ip", "/sbin/ip", "/sbin/tc", "/sbin/bridge")),
              Map.entry("libbsd0", List.of("/usr/lib")),
              Map.entry("libmd0", List.of("/usr/lib")),
              Map.entry("libcap2", List.of("/lib")),
              Map.entry("libmnl0", List.of("/usr/lib")),
              Map.entry("libxtables12", List.of("/usr/lib/x86_64-linux-gnu/libxtables.so")),
              // For a FORWARD chain that drops what nobody accepts: pods have to pass.
              Map.entry(
                  "iptables",
                  List.of(
                      "/usr/sbin/xtables-nft-multi",
                      "/usr/sbin/xtables-legacy-multi",
                      "/usr/sbin/iptables-nft",
                      "/usr/sbin/iptables-legacy",
                      "/usr/sbin/ip6tables-nft",
                      "/usr/sbin/ip6tables-legacy",
                      "/usr/lib/x86_64-linux-gnu/xtables")),
              Map.entry("libip4tc2", List.of("/usr/lib")),
              Map.entry("libip6tc2", List.of("/usr/lib")),
              Map.entry("libnftnl11", List.of("/usr/lib")),
              // Plugins that a node needs beside ours: portmap for hostPort, loopback for
              // the container runtime itself.
              Map.entry(
                  "containernetworking-plugins",
                  List.of("/usr/lib/cni/portmap", "/usr/lib/cni/loopback"))));

  private static final List<String> SHELL =
      List.of(
          "sh",
          "ash",
          "cat",
          "chmod",
          "cp",
          "cut",
          "date",
          "dd",
          "df",
          "dmesg",
          "du",
          "env",
          "false",
          "find",
          "free",
          "grep",
          "gzip",
          "head",
          "hostname",
          "id",
          "kill",
          "less",
          "ln",
          "ls",
          "mkdir",
          "mktemp",
          "mount",
          "mountpoint",
          "mv",
          "nc",
          "nsenter",
          "ping",
          "ping6",
          "ps",
          "pwd",
          "readlink",
          "rm",
          "rmdir",
          "sed",
          "sha256sum",
          "sleep",
          "sort",
          "stat",
          "sync",
          "sysctl",
          "tail",
          "tar",
          "test",
          "timeout",
          "top",
          "touch",
          "tr",
          "traceroute",
          "true",
          "umount",
          "uname",
          "uniq",
          "vi",
          "wc",
          "wget",
          "which",
          "xargs");

  private static final String FORMAT = "1"; // raise it when what install does changes

  private final Path downloads;

  /**
   * @param downloads where packages are kept
   */
  DebianPackages(Path downloads) {
    this.downloads = downloads;
  }

  /** Everything that the ground depends on; asks the package lists of this machine. */
  String key() throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
      throw new ImageException("the image is made of Debian packages: build it on Debian 12");
    }
    Files.createDirectories(downloads);
    return Digests.of(FORMAT + PACKAGES + SHELL + locations());
  }

  /** One line for each package: address, file name, size, digest. */
  private List<String> locations() throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("apt-get", "download", "--print-uris"));
    words.addAll(PACKAGES.keySet());
    String reason = "they are not in its lists";
    try {
      List<String> lines =
          Command.run(Path.of("/"), words) // not where they are: it names what is missing only
              .lines()
              .filter(line -> line.split(" ", -1).length == 4 && line.contains(".deb "))
              .sorted()
              .toList();
      if (lines.size() == PACKAGES.size()) {
        return lines;
      }
    } catch (ImageException e) {
      reason = e.getMessage();
    }
    throw new ImageException(
        "apt-get cannot find all Debian packages of the image (%s): run apt-get update"
            .formatted(reason));
  }

  /** Lays the ground. */
  void install(Path root) throws IOException, InterruptedException {
    for (String directory : List.of("bin", "sbin", "lib", "lib64")) {
      Files.createDirectories(root.resolve("usr").resolve(directory));
      Files.createSymbolicLink(root.resolve(directory), Path.of("usr", directory));
    }
    Files.createDirectories(root.resolve("var/lib/dpkg/status.d"));
    for (String line : locations()) {
      String[] words = line.split(" ", -1);
      extract(root, download(words[1], words[3]));
    }
    complete(root);
  }

  private Path download(String file, String digest) throws IOException, InterruptedException {
    Path deb = downloads.resolve(file);
    String wanted = digest.substring(digest.indexOf(':') + 1);
    if (!Files.exists(deb) || !Digests.of(deb).equals(wanted)) {
      Files.deleteIfExists(deb);
      Command.run(downloads, List.of("apt-get", "download", "-qq", file.replaceAll("_.*", "")));
      if (!Files.exists(deb) || !Digests.of(deb).equals(wanted)) {
        throw new ImageException("apt-get download did not bring " + file + " as announced");
      }
    }
    return deb;
  }

  private void extract(Path root, Path deb) throws IOException, InterruptedException {
    String name = deb.getFileName().toString().replaceAll("_.*", "");
    Path scratch = Files.createTempDirectory(downloads, "extract");
    try {
      Command.run(downloads, List.of("dpkg-deb", "-x", deb.toString(), scratch.toString()));
      for (String kept : PACKAGES.getOrDefault(name, List.of())) {
        copy(scratch, kept, root);
      }
      copy(scratch, "/usr/share/doc/" + name + "/copyright", root);
      Files.writeString(
          root.resolve("var/lib/dpkg/status.d").resolve(name), // where scanners look
          Command.run(downloads, List.of("dpkg-deb", "-f", deb.toString())));
    } finally {
      LayerCache.delete(scratch);
    }
  }

  /** Copies what begins with the path; follows the root's symbolic links of directories. */
  private static void copy(Path from, String prefix, Path root) throws IOException {
    List<Path> paths;
    try (var found = Files.walk(from)) {
      paths = found.sorted().toList();
    }
    for (Path path : paths) {
      String name = "/" + from.relativize(path);
      if (!name.startsWith(prefix) || dropped(name)) {
        continue;
      }
      Path target = root.resolve(name.substring(1));
      if (Files.isDirectory(path) && !Files.isSymbolicLink(path)) {
        Files.createDirectories(target);
      } else {
        Files.createDirectories(target.getParent());
        Files.copy(
            path,
            target,
            java.nio.file.LinkOption.NOFOLLOW_LINKS,
            java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /** Character sets for iconv, which nobody calls here. */
  private static boolean dropped(String name) {
    return name.contains("/gconv") || name.contains("/audit/");
  }

  private static void complete(Path root) throws IOException {
    for (String applet : SHELL) {
      Path link = root.resolve("usr/bin").resolve(applet);
      if (!Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of("busybox"));
      }
    }
    Files.createDirectories(root.resolve("opt/cni/bin"));
    for (String plugin : List.of("portmap", "loopback")) {
      Files.move(
          root.resolve("usr/lib/cni").resolve(plugin), root.resolve("opt/cni/bin").resolve(plugin));
    }
    Files.delete(root.resolve("usr/lib/cni"));
    Files.createSymbolicLink(root.resolve("etc/os-release"), Path.of("../usr/lib/os-release"));
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
    Files.writeString(root.resolve("etc/nsswitch.conf"), "hosts: files dns\n");
    for (String directory :
        List.of("dev", "proc", "sys", "run", "tmp", "root", "host", "etc/cni/net.d", "var/log")) {
      Files.createDirectories(root.resolve(directory));
    }
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("../run"));
  }
}
