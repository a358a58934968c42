// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code ./jilium image}: builds the container image. */
public final class Main {
  /** Time of what does not change with Jilium: the start of 2026, as in the jars. */
  private static final long EPOCH = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();

  private static final String USAGE =
      """
      usage: ./jilium image [-o FILE] [--name NAME]
      Builds the container image of agent, operator, CNI plugin and CLI as an OCI archive.
        -o FILE      where it goes (default: target/jilium-VERSION.oci.tar)
        --name NAME  its name and tag (default: docker.io/jilium/jilium:VERSION)
      Load it into containerd:  ctr -n k8s.io images import FILE
      """;

  private final Path home;
  private final String version;
  private final LayerCache cache;
  private final Path cacheDirectory;

  private Main(Path home, String version) {
    this.home = home;
    this.version = version;
    Path caches =
        Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
            .map(Path::of)
            .orElse(Path.of(System.getProperty("user.home"), ".cache"));
    this.cacheDirectory = caches.resolve("jilium/image");
    this.cache = new LayerCache(cacheDirectory);
  }

  /** Exit code 1: the image cannot be built; 2: wrong usage. */
  public static void main(String[] arguments) throws InterruptedException {
    Optional<Path> output = Optional.empty();
    Optional<String> name = Optional.empty();
    for (int i = 0; i < arguments.length; i++) {
      boolean more = i + 1 < arguments.length;
      if (arguments[i].equals("-o") && more) {
        output = Optional.of(Path.of(arguments[++i]).toAbsolutePath());
      } else if (arguments[i].equals("--name") && more) {
        name = Optional.of(arguments[++i]);
      } else {
        boolean asked = List.of("-h", "--help").contains(arguments[i]);
        (asked ? System.out : System.err).print(USAGE);
        System.exit(asked ? 0 : 2);
      }
    }
    Path home = Path.of(System.getProperty("jilium.home", ".")).toAbsolutePath().normalize();
    String version = System.getProperty("jilium.version", "");
    try {
      new Main(home, version)
          .build(
              output.orElse(home.resolve("target/jilium-" + version + ".oci.tar")),
              name.orElse("docker.io/jilium/jilium:" + version));
    } catch (ImageException e) {
      System.err.println("jilium image: " + e.getMessage());
      System.exit(1);
    } catch (IOException e) {
      System.err.println("jilium image: the image cannot be written: " + e.getMessage());
      System.exit(1);
    }
  }

  private void build(Path output, String name) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Files.createDirectories(cacheDirectory);
    var packages = new DebianPackages(Files.createDirectories(cacheDirectory.resolve("debs")));
    var runtime = new JavaRuntime(Path.of(System.getProperty("java.home")));
    var application = new Application(home, version);
    long commit = commitTime();
    var layers = new ArrayList<Layer>();
    layers.add(cache.layer("base", packages.key(), EPOCH, packages::install));
    layers.add(cache.layer("runtime", runtime.key(), EPOCH, runtime::link));
    layers.add(
        cache.layer("libraries", application.librariesKey(), EPOCH, application::installLibraries));
    layers.add(
        cache.layer(
            "jilium", Digests.of(application.key() + commit), commit, application::install));
    layers.add(aot(layers, commit));
    String digest =
        new OciArchive(name, Instant.ofEpochSecond(commit).toString(), labels(), layers)
            .write(output, commit);
    report(output, name, digest, layers, began);
  }

  /** Not reproducible bit by bit, so a layer of its own, and kept as long as the others stay. */
  private Layer aot(List<Layer> layers, long time) throws IOException, InterruptedException {
    var key = new StringBuilder(Training.key());
    layers.forEach(layer -> key.append(layer.diffId()));
    var training = new Training(cacheDirectory);
    String digest = Digests.of(key.toString());
    if (!cache.has("aot", digest) && !"root".equals(System.getProperty("user.name"))) {
      throw new ImageException(
          "the programs' ahead-of-time caches are trained in namespaces of their own: run ./jilium"
              + " image as root");
    }
    return cache.layer("aot", digest, time, root -> training.train(List.copyOf(layers), root));
  }

  private Map<String, String> labels() throws IOException, InterruptedException {
    var labels = new TreeMap<String, String>();
    labels.put("org.opencontainers.image.title", "Jilium");
    labels.put(
        "org.opencontainers.image.description",
        "Kubernetes networking, security and observability on eBPF");
    labels.put("org.opencontainers.image.version", version);
    labels.put("org.opencontainers.image.licenses", "Apache-2.0");
    git("rev-parse", "HEAD")
        .ifPresent(commit -> labels.put("org.opencontainers.image.revision", commit));
    return labels;
  }

  /** SOURCE_DATE_EPOCH, else the time of the last commit, else that of everything else. */
  private long commitTime() throws IOException, InterruptedException {
    String given = System.getenv("SOURCE_DATE_EPOCH");
    try {
      return given != null
          ? Long.parseLong(given)
          : git("log", "-1", "--format=%ct").map(Long::parseLong).orElse(EPOCH);
    } catch (NumberFormatException e) {
      throw new ImageException(
          "SOURCE_DATE_EPOCH is %s, not a number of seconds".formatted(given), e);
    }
  }

  private Optional<String> git(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    try {
      return Optional.of(Command.run(home, command).strip());
    } catch (ImageException e) {
      return Optional.empty(); // sources without their history
    }
  }

  private static void report(
      Path output, String name, String digest, List<Layer> layers, long began) throws IOException {
    long unpacked = 0;
    for (Layer layer : layers) {
      System.out.printf(
          "%-10s %6.1f MB  %6.1f MB packed  sha256:%s%n",
          layer.name(),
          mega(layer.unpacked()),
          mega(layer.size()),
          layer.digest().substring(0, 12));
      unpacked += layer.unpacked();
    }
    System.out.printf(
        "%s: %s, %.1f MB, %.1f MB unpacked, %s, in %.1f s%n",
        output,
        name,
        mega(Files.size(output)),
        mega(unpacked),
        digest,
        (System.nanoTime() - began) / 1e9);
  }

  private static double mega(long bytes) {
    return bytes / 1e6;
  }
}
