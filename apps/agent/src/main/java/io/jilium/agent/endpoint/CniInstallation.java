// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the container runtime finds on the node: the plugin's binary and the network configuration
 * that names it. The configuration comes last, because its presence tells the runtime that the
 * network is ready. Other networks' configurations are set aside after that, and come back when
 * ours goes.
 */
public final class CniInstallation {
  private static final String PLUGIN = "jilium-cni";

  /**
   * What the configuration shall be like.
   *
   * @param exclusive other networks' configurations are set aside
   * @param hostPorts of pods are the work of the standard plugin {@code portmap}, where installed
   */
  public record Wanted(boolean exclusive, boolean hostPorts) {}

  private final Path conflist;
  private final Path pluginDirectory;
  private final Path socket;
  private final Wanted wanted;
  private final OtherConfigurations others;
  private final PortmapPlugin portmap;
  private volatile String status = "not written yet";

  /**
   * @param conflist {@code /etc/cni/net.d/05-jilium.conflist}
   * @param pluginDirectory {@code /opt/cni/bin}
   * @param socket that the plugin is to talk to
   */
  public CniInstallation(Path conflist, Path pluginDirectory, Path socket, Wanted wanted) {
    this.conflist = conflist;
    this.pluginDirectory = pluginDirectory;
    this.socket = socket;
    this.wanted = wanted;
    this.others = new OtherConfigurations(conflist);
    this.portmap = new PortmapPlugin(pluginDirectory);
  }

  /** What {@code status} prints of it. */
  public String status() {
    return status;
  }

  /**
   * Puts the plugin in place, if a source is given that differs from what is there, then writes the
   * configuration if it differs. Repeating it repairs.
   *
   * @throws IllegalStateException naming the file; {@link #status} says the same
   */
  public synchronized void install(Optional<Path> pluginSource) {
    try {
      if (pluginSource.isPresent()) {
        replaceIfDifferent(
            pluginDirectory.resolve(PLUGIN), Files.readAllBytes(pluginSource.get()), "rwxr-xr-x");
      } else if (!Files.isExecutable(pluginDirectory.resolve(PLUGIN))) {
        throw new NoSuchFileException(
            pluginDirectory.resolve(PLUGIN).toString(), null, "the CNI plugin is not there");
      }
      replaceIfDifferent(conflist, configuration(), "rw-r--r--");
      if (wanted.exclusive()) {
        others.setAside();
      }
      status = "successfully wrote CNI configuration file to " + conflist;
    } catch (IOException e) {
      status = "failed to write CNI configuration file " + conflist + ": " + e.getMessage();
      throw new IllegalStateException(status, e);
    }
  }

  /**
   * Takes the configuration away, and brings back what it had replaced: with nothing to bring back,
   * the runtime then holds the node for not ready.
   */
  public synchronized void uninstall() {
    uninstall(conflist);
    status = "not written yet";
  }

  /** The same for a configuration that an earlier process wrote. */
  public static void uninstall(Path conflist) {
    try {
      Files.deleteIfExists(conflist);
      new OtherConfigurations(conflist).bringBack();
    } catch (IOException e) {
      throw new IllegalStateException("delete " + conflist + ": " + e.getMessage(), e);
    }
  }

  private byte[] configuration() throws IOException {
    boolean portmapped = wanted.hostPorts() && portmap.isThere();
    Set<CniVersion> versions = EnumSet.allOf(CniVersion.class);
    if (portmapped) {
      versions.retainAll(portmap.versions());
    }
    var json = new JsonMapper().createObjectNode();
    // Runtimes of before specification 1.1 read cniVersion and ignore the list.
    var spoken = versions.stream().filter(v -> !v.atLeast(CniVersion.V1_1_0)).toList();
    json.put("cniVersion", spoken.getLast().text());
    var all = json.putArray("cniVersions");
    versions.forEach(version -> all.add(version.text()));
    json.put("name", "jilium");
    var plugin = json.putArray("plugins").addObject();
    plugin.put("type", PLUGIN);
    plugin.put("socket", socket.toAbsolutePath().normalize().toString());
    if (portmapped) {
      portmap.describe(plugin);
    }
    return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  /** A running plugin keeps its old binary; nobody ever sees half a file. */
  private static void replaceIfDifferent(Path path, byte[] content, String permissions)
      throws IOException {
    if (Files.isRegularFile(path) && Arrays.equals(Files.readAllBytes(path), content)) {
      return;
    }
    Files.createDirectories(path.toAbsolutePath().getParent());
    var fresh = path.resolveSibling("." + path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.write(fresh, content);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(permissions));
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }
}
