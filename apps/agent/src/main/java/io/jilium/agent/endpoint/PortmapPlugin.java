// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The standard plugin that opens host ports by rules of netfilter. Our plugin is given pods' ports
 * by the runtime, because the configuration names the capability, and runs this one with them.
 */
final class PortmapPlugin {
  private static final String NAME = "portmap";
  private static final int PATIENCE_SECONDS = 2;

  /** What every release of this century speaks; newer ones tell more when asked. */
  private static final Set<CniVersion> SURE = EnumSet.range(CniVersion.V0_3_0, CniVersion.V0_4_0);

  private final Path file;
  private Optional<Asked> asked = Optional.empty();

  /** The answer, good as long as the file is the same. */
  private record Asked(long size, long modified, Set<CniVersion> versions) {}

  PortmapPlugin(Path pluginDirectory) {
    this.file = pluginDirectory.resolve(NAME);
  }

  boolean isThere() {
    return Files.isExecutable(file);
  }

  /**
   * What our plugin's entry needs to run it for the pods that have host ports. As a plugin of the
   * list, it would be run for every pod, for 20 ms each time.
   */
  void describe(ObjectNode plugin) {
    plugin.put("hostPortPlugin", NAME);
    plugin.putObject("capabilities").put("portMappings", true);
    plugin.put("snat", true);
  }

  /** The versions of the specification that it speaks, as it says itself. */
  Set<CniVersion> versions() throws IOException {
    long size = Files.size(file);
    long modified = Files.getLastModifiedTime(file).toMillis();
    var known = asked.filter(a -> a.size == size && a.modified == modified);
    if (known.isEmpty()) {
      known = Optional.of(new Asked(size, modified, ask()));
      asked = known;
    }
    return known.get().versions;
  }

  private Set<CniVersion> ask() {
    var builder =
        new ProcessBuilder(file.toString())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CNI_COMMAND", "VERSION");
    try {
      var process = builder.start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return SURE;
      }
      var told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var versions = EnumSet.noneOf(CniVersion.class);
      for (var version : new JsonMapper().readTree(told).path("supportedVersions")) {
        CniVersion.of(version.asText()).ifPresent(versions::add);
      }
      return versions.isEmpty() ? SURE : versions;
    } catch (IOException e) {
      // Built for another system than this process runs on, as in a container: the runtime runs it.
      return SURE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return SURE;
    }
  }
}
