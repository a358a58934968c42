// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Container images that Kubernetes and its end-to-end tests ask for, made of programs of this
 * machine, so that no registry is needed. Archives are in the layout of {@code docker save}, which
 * {@code ctr images import} reads.
 */
final class KubeImages {
  /** The image of the clusters' name server. */
  private static final String DNS_REFERENCE = "fixture/dns:1";

  /** Tools that tests start in agnhost's image, and that busybox lacks or has in a smaller form. */
  private static final List<String> TOOLS =
      List.of("sh", "bash", "curl", "wget", "nc", "dig", "getent", "ss", "iperf");

  private static final Pattern LIBRARY = Pattern.compile("(/\\S+)");
  private static final String SEARCH_PATH =
      "\"Env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"]";

  private final KubePrograms programs;
  private final Map<String, List<String>> references;

  private KubeImages(KubePrograms programs) {
    this.programs = programs;
    this.references = references(programs);
  }

  /** The archives, made first if they are not yet. */
  static KubeImages get(KubePrograms programs) {
    var images = new KubeImages(programs);
    if (!Files.isDirectory(images.directory())) {
      images.make();
    }
    return images;
  }

  /** Where the archives are, {@code NAME.tar}. */
  Path directory() {
    return programs.directory().resolve("images");
  }

  /** The first reference of an image: pause, busybox, agnhost. */
  String reference(String name) {
    return references.getOrDefault(name, List.of(name)).getFirst();
  }

  private static Map<String, List<String>> references(KubePrograms programs) {
    var all =
        Command.of(programs.program("references").toString())
            .run()
            .lines()
            .map(line -> line.split(" ", 2))
            .collect(
                Collectors.groupingBy(
                    words -> words[0],
                    HashMap::new,
                    Collectors.mapping(words -> words[1], Collectors.toList())));
    all.put("dns", List.of(DNS_REFERENCE));
    return all;
  }

  private void make() {
    KubePrograms.inCacheLocked(() -> {
      if (Files.isDirectory(directory())) {
        return;
      }
      var work = Files.createTempDirectory(KubePrograms.cache(), "images");
      var done = Files.createDirectory(work.resolve("done"));
      pause(work, done);
      archive("busybox", shell(work, "busybox"), "\"Cmd\":[\"sh\"]", done);
      agnhost(work, done);
      var dns = Files.createDirectory(work.resolve("dns"));
      Files.copy(programs.program("dns"), dns.resolve("dns"), StandardCopyOption.COPY_ATTRIBUTES);
      archive("dns", dns, "\"Entrypoint\":[\"/dns\"]", done);
      Files.move(done, directory(), StandardCopyOption.ATOMIC_MOVE);
      Command.of("rm", "-rf", work.toString()).run();
    });
  }

  private void pause(Path work, Path done) throws IOException {
    var root = Files.createDirectory(work.resolve("pause"));
    var source = KubePrograms.home().resolve("test/kube-kit/src/main/c/pause.c");
    Command.of("gcc", "-Os", "-static", "-s", "-o", root.resolve("pause").toString())
        .with(List.of(source.toString()))
        .run();
    archive("pause", root, "\"Entrypoint\":[\"/pause\"],\"User\":\"65535:65535\"", done);
  }

  private void agnhost(Path work, Path done) throws IOException {
    var root = shell(work, "agnhost");
    for (String tool : TOOLS) {
      addTool(root, tool);
    }
    Files.writeString(root.resolve("etc/nsswitch.conf"), "hosts: files dns\n");
    Files.copy(
        programs.program("agnhost"), root.resolve("agnhost"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.createSymbolicLink(root.resolve("agnhost-2"), Path.of("agnhost"));
    var porter = KubePrograms.kubernetesSources().resolve("test/images/agnhost/porter");
    for (String name : List.of("localhost.crt", "localhost.key")) {
      Files.write(root.resolve(name), Files.readAllBytes(porter.resolve(name)));
    }
    archive("agnhost", root, "\"Entrypoint\":[\"/agnhost\"],\"Cmd\":[\"pause\"]", done);
  }

  /** A root with busybox under all its names, and users that tests look for. */
  private static Path shell(Path work, String name) throws IOException {
    var root = work.resolve(name);
    var bin = Files.createDirectories(root.resolve("bin"));
    for (String directory : List.of("etc", "tmp", "uploads", "usr/bin")) {
      Files.createDirectories(root.resolve(directory));
    }
    Command.of("chmod", "1777", root.resolve("tmp").toString()).run();
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String applet : Command.of("/bin/busybox", "--list").run().lines().toList()) {
      if (!applet.equals("busybox")) {
        Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
      }
    }
    Files.writeString(
        root.resolve("etc/passwd"),
        """
        root:x:0:0:root:/root:/bin/sh
        nobody:x:65534:65534:nobody:/:/bin/sh
        user-defined-in-image:x:1000:1000::/:/bin/sh
        """);
    Files.writeString(
        root.resolve("etc/group"),
        """
        root:x:0:
        nobody:x:65534:
        group-defined-in-image:x:50000:user-defined-in-image
        """);
    return root;
  }

  /** A program of this machine with the libraries that it loads. */
  private static void addTool(Path root, String tool) throws IOException {
    var program = Path.of(Command.of("sh", "-c", "command -v " + tool).run().strip()).toRealPath();
    var target = root.resolve("bin").resolve(tool);
    Files.deleteIfExists(target); // busybox's
    Files.copy(program, target, StandardCopyOption.COPY_ATTRIBUTES);
    var libraries = LIBRARY.matcher(Command.of("ldd", program.toString()).run());
    while (libraries.find()) {
      var library = Path.of(libraries.group(1));
      var copy = root.resolve(library.toString().substring(1));
      if (!Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(copy.getParent());
        Files.copy(library.toRealPath(), copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /** Packs a root as the only layer of an image under all its references. */
  private void archive(String name, Path root, String config, Path done) throws IOException {
    var parts = Files.createDirectory(root.resolveSibling(name + ".parts"));
    Command.of("tar", "-cf", parts.resolve("layer.tar").toString(), "-C", root.toString())
        .with(
            List.of("--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "."))
        .run();
    String digest =
        Command.of("sha256sum", parts.resolve("layer.tar").toString()).run().split(" ", 2)[0];
    Files.writeString(
        parts.resolve("config.json"),
        """
        {"architecture":"amd64","os":"linux","config":{%s,%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}
        """
            .formatted(config, SEARCH_PATH, digest));
    var tags = new ArrayList<String>();
    references.getOrDefault(name, List.of()).forEach(tag -> tags.add('"' + tag + '"'));
    Files.writeString(
        parts.resolve("manifest.json"),
        """
        [{"Config":"config.json","RepoTags":[%s],"Layers":["layer.tar"]}]
        """
            .formatted(String.join(",", tags)));
    Command.of("tar", "-cf", done.resolve(name + ".tar").toString(), "-C", parts.toString())
        .with(List.of("manifest.json", "config.json", "layer.tar"))
        .run();
  }
}
