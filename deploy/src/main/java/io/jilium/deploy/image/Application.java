// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Jilium's own files in the image and the libraries that they need. */
final class Application {
  /** Where both are in the image. */
  static final String PLACE = "/usr/lib/jilium";

  /** The programs of the image. */
  enum Program {
    AGENT("agent", "io.jilium.agent.Main", "jilium-agent", 384, true),
    OPERATOR("operator", "io.jilium.operator.Main", "jilium-operator", 512, true),
    CLI("cli", "io.jilium.cli.Main", "jilium", 256, false);

    private final String module;
    private final String mainClass;
    private final String command;
    private final int heapMegabytes;
    private final boolean daemon;

    Program(String module, String mainClass, String command, int heap, boolean daemon) {
      this.module = module;
      this.mainClass = mainClass;
      this.command = command;
      this.heapMegabytes = heap;
      this.daemon = daemon;
    }

    /** Module below apps, and name of its files in the image. */
    String module() {
      return module;
    }

    /** Name in /usr/bin. */
    String command() {
      return command;
    }

    String mainClass() {
      return mainClass;
    }

    private List<String> flags() {
      var flags =
          new ArrayList<>(
              List.of(
                  "-XX:+UseSerialGC",
                  "-Xmx%dm".formatted(heapMegabytes),
                  "-XX:-UsePerfData", // it would want to write to /tmp
                  "-XX:+ErrorFileToStderr",
                  // Optimising costs a burst of pods more processor time than it ever gives back.
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-Xlog:aot=off",
                  "-Xlog:cds=off"));
      if (daemon) {
        flags.addAll(
            List.of(
                "-Xms24m",
                "-Xss512k",
                "-XX:ReservedCodeCacheSize=48m",
                "-XX:+ExitOnOutOfMemoryError"));
      }
      return flags;
    }
  }

  /**
   * Runtimes show a container that is not privileged the kernel's parameters read-only; the agent
   * sets some.
   */
  private static final String WRITABLE_KERNEL =
      """
      for directory in /proc/sys /sys; do
        mount -o remount,bind,rw,nosuid,nodev,noexec $directory 2>/dev/null
      done
      """;

  /**
   * Copies the CNI plugins to the node, and remembers which of them were not there before: {@code
   * --remove} takes those away. Ours is always replaced, as one step.
   */
  private static final String INSTALL_PLUGINS =
      """
      #!/bin/sh
      set -eu
      placed=$1/.jilium-placed
      if [ "${2:-}" = --remove ]; then
        [ ! -e "$placed" ] || while read -r plugin; do rm -f "$1/$plugin"; done <"$placed"
        rm -f "$placed"
        exit
      fi
      for plugin in jilium-cni portmap loopback; do
        if [ ! -e "$1/$plugin" ]; then
          grep -qsx "$plugin" "$placed" || echo "$plugin" >>"$placed"
        elif [ "$plugin" != jilium-cni ]; then
          continue
        fi
        cp "/opt/cni/bin/$plugin" "$1/.$plugin.new"
        mv -f "$1/.$plugin.new" "$1/$plugin"
      done
      """;

  /**
   * Whatever applies sysctl.d to a new device, as udev does on many distributions, would otherwise
   * switch the strict check of source addresses on again.
   */
  private static final String SYSCTL_SETTINGS =
      """
      #!/bin/sh
      set -eu
      file=$1/99-zzz-override_jilium.conf
      if [ "${2:-}" = --remove ]; then
        rm -f "$file"
        exit
      fi
      cat >"$file.new" <<END
      # Placed by Jilium, removed when it is uninstalled: packets of pods come by other devices than a
      # check of their source addresses expects.
      -net.ipv4.conf.lxc*.rp_filter = 0
      -net.ipv4.conf.cilium_*.rp_filter = 0
      # The kernel takes the larger of all and the device.
      net.ipv4.conf.all.rp_filter = 0
      END
      mv -f "$file.new" "$file"
      """;

  private final Path home;
  private final Map<Program, List<Path>> jars = new LinkedHashMap<>();

  /**
   * @param home the project's directory, built
   */
  Application(Path home, String version) throws IOException {
    this.home = home;
    for (Program program : Program.values()) {
      Path target = home.resolve("apps").resolve(program.module).resolve("target");
      var paths = new ArrayList<Path>();
      paths.add(target.resolve("jilium-%s-%s.jar".formatted(program.module, version)));
      try {
        for (String jar : Files.readString(target.resolve("classpath")).strip().split(":", -1)) {
          paths.add(Path.of(jar));
        }
      } catch (NoSuchFileException e) {
        throw new ImageException(
            "nothing is built below %s: run ./jilium build".formatted(home), e);
      }
      jars.put(program, paths);
    }
  }

  /** Everything that the libraries' layer depends on. */
  String librariesKey() throws IOException {
    var text = new StringBuilder();
    for (Path jar : libraries()) {
      text.append(jar.getFileName()).append(Digests.of(jar));
    }
    return Digests.of(text.toString());
  }

  /** Copies the libraries of others. */
  void installLibraries(Path root) throws IOException {
    Path directory = Files.createDirectories(root.resolve(PLACE.substring(1)).resolve("lib"));
    for (Path jar : libraries()) {
      Files.copy(jar, directory.resolve(jar.getFileName()));
    }
  }

  /** Everything that our own layer depends on. */
  String key() throws IOException {
    var text = new StringBuilder();
    for (Path jar : own()) {
      text.append(jar.getFileName()).append(Digests.of(jar));
    }
    text.append(Digests.of(plugin())).append(INSTALL_PLUGINS).append(SYSCTL_SETTINGS);
    for (Program program : Program.values()) {
      text.append(arguments(program)).append(wrapper(program));
    }
    return Digests.of(text.toString());
  }

  /** Copies our jars and the CNI plugin, and writes the programs. */
  void install(Path root) throws IOException {
    Path directory = Files.createDirectories(root.resolve(PLACE.substring(1)));
    for (Path jar : own()) {
      Files.copy(jar, directory.resolve(jar.getFileName()));
    }
    executable(root.resolve("opt/cni/bin/jilium-cni"), Files.readAllBytes(plugin()));
    for (Program program : Program.values()) {
      Files.writeString(directory.resolve(program.module + ".args"), arguments(program));
      executable(
          root.resolve("usr/bin").resolve(program.command),
          wrapper(program).getBytes(StandardCharsets.UTF_8));
    }
    executable(
        directory.resolve("install-plugins"), INSTALL_PLUGINS.getBytes(StandardCharsets.UTF_8));
    executable(
        directory.resolve("sysctl-settings"), SYSCTL_SETTINGS.getBytes(StandardCharsets.UTF_8));
    for (String licence : List.of("LICENSE")) {
      Path doc = Files.createDirectories(root.resolve("usr/share/doc/jilium"));
      Files.copy(home.resolve(licence), doc.resolve(licence));
    }
  }

  private Path plugin() {
    return home.resolve("apps/cni/target/jilium-cni");
  }

  private static void executable(Path path, byte[] content) throws IOException {
    Files.createDirectories(path.getParent());
    Files.write(path, content);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private SortedSet<Path> libraries() {
    return select(false);
  }

  private SortedSet<Path> own() {
    return select(true);
  }

  private SortedSet<Path> select(boolean own) {
    var selected = new TreeSet<Path>();
    jars.values()
        .forEach(paths -> paths.stream().filter(path -> own == isOwn(path)).forEach(selected::add));
    return selected;
  }

  private boolean isOwn(Path jar) {
    return jar.startsWith(home);
  }

  /** What the virtual machine is told, in the format of its argument files. */
  String arguments(Program program) {
    var classPath = new ArrayList<String>();
    for (Path jar : jars.getOrDefault(program, List.of())) {
      classPath.add(PLACE + (isOwn(jar) ? "/" : "/lib/") + jar.getFileName());
    }
    return String.join("\n", program.flags())
        + "\n-cp\n"
        + String.join(":", classPath)
        + "\n"
        + program.mainClass
        + "\n";
  }

  private static String wrapper(Program program) {
    return """
    #!/bin/sh
    %3$sexec %1$s/runtime/bin/java -XX:AOTCache=%1$s/%2$s.aot @%1$s/%2$s.args "$@"
    """
        .formatted(PLACE, program.module, program == Program.AGENT ? WRITABLE_KERNEL : "");
  }
}
