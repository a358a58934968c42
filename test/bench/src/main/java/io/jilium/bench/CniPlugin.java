// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A node's CNI plugin, called as a runtime calls it: a process with the specification's environment
 * (CNI 1.1, section 2) and the plugin's part of the list on standard input.
 *
 * @param program the plugin
 * @param conflist the list whose first plugin it is
 */
record CniPlugin(Path program, Path conflist) {
  private static final int DEADLINE_SECONDS = 60;

  /**
   * ADD or DEL.
   *
   * @param pod its namespace is {@code namespace}, its UID its name
   * @param netns where its network namespace has a name
   */
  void call(String command, String namespace, String pod, Path netns) {
    var builder = new ProcessBuilder(program.toString());
    var environment = builder.environment();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", "bench" + pod);
    environment.put("CNI_NETNS", netns.toString());
    environment.put("CNI_IFNAME", "eth0");
    environment.put("CNI_PATH", String.valueOf(program.getParent()));
    environment.put(
        "CNI_ARGS",
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_UID=%s"
            .formatted(namespace, pod, pod));
    try {
      var process = builder.redirectErrorStream(true).start();
      try (var input = process.getOutputStream()) {
        input.write(configuration());
      }
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new BenchException("CNI %s failed: %s".formatted(command, output.strip()));
      }
    } catch (IOException e) {
      throw new BenchException("cannot run the CNI plugin", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  private byte[] configuration() throws IOException {
    var json = new ObjectMapper();
    var list = json.readTree(conflist.toFile());
    var plugin = (ObjectNode) list.path("plugins").path(0);
    plugin.set("cniVersion", list.path("cniVersion"));
    plugin.set("name", list.path("name"));
    return json.writeValueAsBytes(plugin);
  }
}
