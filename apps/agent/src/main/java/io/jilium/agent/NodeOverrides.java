// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.NodeConfigs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings that CiliumNodeConfigs give to this node, as they are at the start. They are
 * remembered, so that an agent that starts while the API server is away is no other one than
 * before.
 */
final class NodeOverrides {
  private static final Logger LOG = LoggerFactory.getLogger(NodeOverrides.class);

  private NodeOverrides() {}

  static Map<String, String> read(KubeApi api, String node, Path remembered) {
    try {
      var flags = NodeConfigs.read(api, node);
      remember(flags, remembered);
      return flags;
    } catch (KubeException e) {
      var flags = recall(remembered);
      LOG.warn(
          "CiliumNodeConfigs cannot be read, {} of last time are used: {}", flags, e.getMessage());
      return flags;
    }
  }

  private static void remember(Map<String, String> flags, Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(
          file, flags.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    } catch (IOException e) {
      LOG.warn("write {}: {}", file, e.getMessage());
    }
  }

  private static Map<String, String> recall(Path file) {
    var flags = new TreeMap<String, String>();
    try {
      if (Files.exists(file)) {
        for (var line : Files.readAllLines(file)) {
          int equals = line.indexOf('=');
          if (equals > 0) {
            flags.put(line.substring(0, equals), line.substring(equals + 1));
          }
        }
      }
    } catch (IOException e) {
      LOG.warn("read {}: {}", file, e.getMessage());
    }
    return flags;
  }
}
