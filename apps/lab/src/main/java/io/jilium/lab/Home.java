// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The built checkout that the lab's processes are started from. */
public record Home(Path directory) {
  /** The modules whose caches are being recorded: labs side by side would write over each other. */
  private static final Set<String> RECORDED = ConcurrentHashMap.newKeySet();

  private static final String VERSION = "0.1.0-SNAPSHOT";

  /** The one that runs this process. */
  public static Home current() {
    String home = System.getProperty("jilium.home");
    if (home == null) {
      throw new LabException("jilium.home is not set: start the lab with ./jilium lab");
    }
    return new Home(Path.of(home));
  }

  /** The CNI plugin, built. */
  public Path plugin() {
    return directory.resolve("apps/cni/target/jilium-cni");
  }

  /**
   * The command line of one of our Java processes.
   *
   * @param module for example agent
   * @param flags further JVM flags
   */
  public List<String> java(String module, String main, List<String> flags) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(classpath(module));
    command.add(main);
    return command;
  }

  private String classpath(String module) {
    var target = directory.resolve("apps").resolve(module).resolve("target");
    try {
      return target.resolve("jilium-" + module + "-" + VERSION + ".jar")
          + ":"
          + Files.readString(target.resolve("classpath")).strip();
    } catch (IOException e) {
      throw new LabException(
          "%s is not built: run ./jilium build (%s)".formatted(module, e.getMessage()), e);
    }
  }

  /**
   * JVM flags of a long-running process. The first run of each module records an ahead-of-time
   * cache, which is written when it ends; later runs start from it.
   */
  List<String> daemonFlags(String module, boolean record) {
    var flags =
        new ArrayList<>(
            List.of(
                "-XX:+UseSerialGC",
                "-Xms24m",
                "-Xmx192m",
                "-Xss512k",
                "-XX:ReservedCodeCacheSize=48m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xlog:aot=off",
                "-Xlog:cds=off"));
    var cache = directory.resolve("target").resolve(module + ".aot");
    if (isCurrent(cache, module)) {
      flags.add("-XX:AOTCache=" + cache);
    } else if (record && RECORDED.add(module)) {
      flags.add("-XX:AOTCacheOutput=" + cache);
    }
    return flags;
  }

  /** Whether no jar is younger: a JVM takes classes of older ones from a cache without a word. */
  private boolean isCurrent(Path cache, String module) {
    try {
      if (!Files.exists(cache)) {
        return false;
      }
      var recorded = Files.getLastModifiedTime(cache);
      for (var jar : classpath(module).split(":", -1)) {
        if (Files.getLastModifiedTime(Path.of(jar)).compareTo(recorded) > 0) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new LabException("cannot read " + e.getMessage(), e);
    }
  }
}
