// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * Kubernetes, etcd and the tests' own programs, compiled once from the Go module beside this one
 * and kept in the user's cache under a key of the module's sources and versions. The first build
 * takes some minutes.
 */
public final class KubePrograms {
  private static final List<String> OWN = List.of("kube", "etcd", "dns", "references");
  private static final List<String> OTHERS =
      List.of("k8s.io/kubernetes/test/images/agnhost", "github.com/onsi/ginkgo/v2/ginkgo");
  private static final List<String> CALLED_BY_NAME =
      List.of(
          "kube-apiserver",
          "kube-controller-manager",
          "kube-scheduler",
          "kube-proxy",
          "kubelet",
          "kubectl");
  private static final Path MODULE = Path.of("test/kube-kit/src/main/go");
  private static final int KEY_DIGITS = 16;
  private static final Pattern GO_VERSION = Pattern.compile("go1\\.(\\d+).*", Pattern.DOTALL);
  private static final int GO_MINOR = 25;

  private final Path directory;

  private KubePrograms(Path directory) {
    this.directory = directory;
  }

  /**
   * The programs, compiled first if they are not yet.
   *
   * @throws KubeException that says what is missing
   */
  public static synchronized KubePrograms get() {
    var programs = new KubePrograms(cache().resolve(key()));
    if (!Files.isDirectory(programs.directory.resolve("bin"))) {
      programs.build();
    }
    return programs;
  }

  /** As {@link #get}, for a test: it is skipped where Go is missing. */
  public static KubePrograms assumed() {
    var there = Files.isDirectory(cache().resolve(key()).resolve("bin"));
    Assumptions.assumeTrue(
        there || go().isPresent(),
        "Go 1.%d or newer is not installed: Kubernetes can't be compiled for the tests"
            .formatted(GO_MINOR));
    return get();
  }

  /** What keeps this machine from compiling the programs or running clusters; empty if nothing. */
  public static Optional<String> missing() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.of("clusters are made of namespaces and control groups: root is needed");
    }
    if (!Files.isDirectory(cache().resolve(key()).resolve("bin")) && go().isEmpty()) {
      return Optional.of(
          "Go 1.%d or newer is needed once to compile Kubernetes, from PATH or /usr/local/go"
              .formatted(GO_MINOR));
    }
    return Optional.empty();
  }

  /** An executable by its name: kube-apiserver, kubectl, etcd, e2e.test, … */
  public Path program(String name) {
    return directory.resolve("bin").resolve(name);
  }

  /** Where things made of these programs may be kept as well. */
  Path directory() {
    return directory;
  }

  /** {@code $XDG_CACHE_HOME/jilium/kube}. */
  static Path cache() {
    var xdg = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).filter(s -> !s.isEmpty());
    return xdg.map(Path::of)
        .orElse(Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("jilium/kube");
  }

  /** Kubernetes' own sources, for the files of its test images. */
  static Path kubernetesSources() {
    return Path.of(goCommand("list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes").run().strip());
  }

  private void build() {
    inCacheLocked(() -> {
      if (Files.isDirectory(directory.resolve("bin"))) {
        return; // another process was faster
      }
      System.err.println(
          "jilium: compiling Kubernetes for the tests into "
              + directory
              + " (once, some minutes) …");
      var next = Files.createTempDirectory(cache(), "build");
      var bin = Files.createDirectories(next.resolve("bin"));
      String flags = versionFlags();
      var build = goCommand("build", "-p", "2", "-trimpath", "-ldflags", flags, "-o");
      build
          .with(List.of(bin + "/"))
          .with(OWN.stream().map("./"::concat).toList())
          .with(OTHERS)
          .run();
      goCommand("test", "-c", "-p", "2", "-trimpath", "-ldflags", flags)
          .with(List.of("-o", bin.resolve("e2e.test").toString(), "k8s.io/kubernetes/test/e2e"))
          .run();
      for (String name : CALLED_BY_NAME) {
        Files.createSymbolicLink(bin.resolve(name), Path.of("kube"));
      }
      Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
    });
  }

  /** Something that may fail on files. */
  interface FileTask {
    void run() throws IOException;
  }

  /** One process at a time makes things in the cache. */
  static synchronized void inCacheLocked(FileTask task) {
    try {
      Files.createDirectories(cache());
      try (var channel =
              FileChannel.open(
                  cache().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        task.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kubernetes' programs report these variables as their version. */
  private static String versionFlags() {
    String version =
        goCommand("list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").run().strip();
    String minor = version.split("\\.", -1)[1];
    var flags = new StringBuilder("-s -w");
    for (var module : List.of("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")) {
      for (var value :
          List.of(
              "gitVersion=" + version,
              "gitMajor=1",
              "gitMinor=" + minor,
              "gitTreeState=clean",
              "gitCommit=" + "0".repeat(40))) {
        flags.append(" -X ").append(module).append('.').append(value);
      }
    }
    return flags.toString();
  }

  private static Command goCommand(String... arguments) {
    var go = go().orElseThrow(() -> new KubeException(missing().orElse("Go is gone")));
    return Command.of("nice", "-n", "10", go.toString())
        .with(List.of(arguments))
        .environment("CGO_ENABLED", "0")
        .in(sources());
  }

  /** A Go that is new enough. */
  private static Optional<Path> go() {
    var candidates =
        List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
            .map(Path::of)
            .toList();
    return java.util.stream.Stream.concat(
            candidates.stream(), java.util.stream.Stream.of(Path.of("/usr/local/go/bin")))
        .map(path -> path.resolve("go"))
        .filter(Files::isExecutable)
        .filter(KubePrograms::isNewEnough)
        .findFirst();
  }

  private static boolean isNewEnough(Path go) {
    var version = Command.of(go.toString(), "env", "GOVERSION").attempt();
    var match = GO_VERSION.matcher(version.output());
    return version.succeeded() && match.matches() && Integer.parseInt(match.group(1)) >= GO_MINOR;
  }

  private static String key() {
    try (var files = Files.walk(sources())) {
      var digest = MessageDigest.getInstance("SHA-256");
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        digest.update(sources().relativize(file).toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_DIGITS);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + sources(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The clone: a test's working directory is a module in it. */
  static Path home() {
    var start = Path.of(System.getProperty("jilium.home", "")).toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(MODULE))) {
        return at;
      }
    }
    throw new KubeException(
        "%s is in no clone of Jilium: set -Djilium.home to the clone".formatted(start));
  }

  private static Path sources() {
    return home().resolve(MODULE);
  }
}
