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
import java.util.Optional;

/**
 * What the container runtime finds on the node: the plugin's binary and the network configuration
 * that names it. The configuration comes last, because its presence tells the runtime that the
 * network is ready.
 */
public final class CniInstallation {
  private static final String PLUGIN = "jilium-cni";

  private final Path conflist;
  private final Path pluginDirectory;
  private final Path socket;
  private volatile String status = "not written yet";

  /**
   * @param conflist {@code /etc/cni/net.d/05-jilium.conflist}
   * @param pluginDirectory {@code /opt/cni/bin}
   * @param socket that the plugin is to talk to
   */
  public CniInstallation(Path conflist, Path pluginDirectory, Path socket) {
    this.conflist = conflist;
    this.pluginDirectory = pluginDirectory;
    this.socket = socket;
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
  public void install(Optional<Path> pluginSource) {
    try {
      if (pluginSource.isPresent()) {
        replaceIfDifferent(
            pluginDirectory.resolve(PLUGIN), Files.readAllBytes(pluginSource.get()), "rwxr-xr-x");
      } else if (!Files.isExecutable(pluginDirectory.resolve(PLUGIN))) {
        throw new NoSuchFileException(
            pluginDirectory.resolve(PLUGIN).toString(), null, "the CNI plugin is not there");
      }
      replaceIfDifferent(conflist, configuration(), "rw-r--r--");
      status = "successfully wrote CNI configuration file to " + conflist;
    } catch (IOException e) {
      status = "failed to write CNI configuration file " + conflist + ": " + e.getMessage();
      throw new IllegalStateException(status, e);
    }
  }

  /** Takes the configuration away: the runtime then holds the node for not ready. */
  public void uninstall() {
    try {
      Files.deleteIfExists(conflist);
      status = "not written yet";
    } catch (IOException e) {
      throw new IllegalStateException("delete " + conflist + ": " + e.getMessage(), e);
    }
  }

  private byte[] configuration() throws IOException {
    var json = new JsonMapper().createObjectNode();
    // Runtimes of before specification 1.1 read cniVersion and ignore the list.
    json.put("cniVersion", CniVersion.V1_0_0.text());
    var versions = json.putArray("cniVersions");
    Arrays.stream(CniVersion.values()).forEach(version -> versions.add(version.text()));
    json.put("name", "jilium");
    var plugin = json.putArray("plugins").addObject();
    plugin.put("type", PLUGIN);
    plugin.put("socket", socket.toAbsolutePath().normalize().toString());
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
