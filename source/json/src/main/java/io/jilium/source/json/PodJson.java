// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Pod;
import io.jilium.core.model.Protocol;
import java.util.ArrayList;
import java.util.List;

/** What both sources read of pods alike. */
public final class PodJson {
  private PodJson() {}

  /**
   * The host ports of a pod's containers; of init containers those that go on running.
   *
   * @param spec of the pod
   */
  public static List<Pod.HostPort> hostPorts(JsonNode spec) {
    var found = new ArrayList<Pod.HostPort>();
    if (spec.path("hostNetwork").asBoolean(false)) {
      return found;
    }
    spec.path("initContainers")
        .forEach(container -> {
          if (container.path("restartPolicy").asText("").equals("Always")) {
            add(found, container);
          }
        });
    spec.path("containers").forEach(container -> add(found, container));
    return found;
  }

  private static void add(List<Pod.HostPort> found, JsonNode container) {
    for (var port : container.path("ports")) {
      int number = port.path("hostPort").asInt(0);
      if (number > 0) {
        found.add(
            new Pod.HostPort(
                addresses(port.path("hostIP").asText("")),
                number,
                port.path("containerPort").asInt(),
                protocol(port.path("protocol").asText("TCP"))));
      }
    }
  }

  private static List<IpAddress> addresses(String hostIp) {
    if (hostIp.isEmpty()) {
      return List.of();
    }
    var address = IpAddress.parse(hostIp);
    return address.isUnspecified() ? List.of() : List.of(address);
  }

  private static Protocol protocol(String text) {
    return switch (text) {
      case "UDP" -> Protocol.UDP;
      case "SCTP" -> Protocol.SCTP;
      default -> Protocol.TCP;
    };
  }
}
