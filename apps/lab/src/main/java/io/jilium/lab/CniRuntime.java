// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Calls a node's CNI plugin as a container runtime does: reads the conflist, runs its first plugin
 * with the specification's environment and standard input (CNI 1.1, sections 2 and 4).
 */
final class CniRuntime {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INTERFACE = "eth0";
  private static final int DEADLINE_SECONDS = 60;

  private final LabName name;

  CniRuntime(LabName name) {
    this.name = name;
  }

  /**
   * ADD.
   *
   * @return the pod's addresses, without prefix length
   */
  List<String> add(Pod pod) {
    var result = call("ADD", pod);
    var addresses = new ArrayList<String>();
    for (var address : result.path("ips")) {
      addresses.add(address.path("address").asText().replaceAll("/.*", ""));
    }
    if (addresses.isEmpty()) {
      throw new LabException(
          "CNI ADD of %s/%s returned no address: %s"
              .formatted(pod.namespace(), pod.name(), result));
    }
    return addresses;
  }

  void delete(Pod pod) {
    call("DEL", pod);
  }

  private JsonNode call(String command, Pod pod) {
    try {
      var builder = new ProcessBuilder(name.plugin(pod.node()).toString());
      var environment = builder.environment();
      environment.put("CNI_COMMAND", command);
      environment.put("CNI_CONTAINERID", pod.containerId());
      environment.put("CNI_NETNS", name.podNamespace(pod.namespace(), pod.name()).toString());
      environment.put("CNI_IFNAME", INTERFACE);
      environment.put("CNI_PATH", name.pluginDirectory(pod.node()).toString());
      environment.put(
          "CNI_ARGS",
          "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=%s"
              .formatted(pod.namespace(), pod.name(), pod.containerId(), pod.uid()));
      var process = builder.start();
      try (var input = process.getOutputStream()) {
        input.write(configuration(pod.node()).getBytes(StandardCharsets.UTF_8));
      } catch (IOException closedEarly) {
        // The plugin answered without reading: its answer says why.
      }
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabException("CNI %s did not end in %d s".formatted(command, DEADLINE_SECONDS));
      }
      var answer = output.isBlank() ? JSON.createObjectNode() : JSON.readTree(output);
      if (process.exitValue() != 0) {
        throw new LabException(
            "CNI %s of %s/%s on %s failed: %s%s"
                .formatted(
                    command,
                    pod.namespace(),
                    pod.name(),
                    pod.node(),
                    answer.path("msg").asText(output),
                    answer.hasNonNull("details") && !answer.get("details").asText().isEmpty()
                        ? " (" + answer.get("details").asText() + ")"
                        : ""));
      }
      return answer;
    } catch (IOException e) {
      throw new LabException("CNI %s: %s".formatted(command, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /**
   * The plugin's own configuration out of the list, as the runtime derives it (CNI 1.1, section 4).
   */
  private String configuration(String node) throws IOException {
    Path file = name.conflist(node);
    if (!Files.exists(file)) {
      throw new LabException(
          "node %s is not ready: no CNI configuration at %s".formatted(node, file));
    }
    var list = JSON.readTree(file.toFile());
    var plugin = (ObjectNode) list.path("plugins").path(0);
    plugin.set("cniVersion", list.path("cniVersion"));
    plugin.set("name", list.path("name"));
    return plugin.toString();
  }
}
