// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.service;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.ServiceBackend;
import io.jilium.wire.agent.ServiceFrontend;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Services as people read them; columns and words are Cilium's, with names and counters behind. */
final class ServiceText {
  private ServiceText() {}

  static void print(List<ServiceFrontend> frontends, PrintWriter out) {
    var table = new Table("ID", "Frontend", "Service Type", "Backend", "Service");
    for (var frontend : frontends) {
      var lines = backends(frontend);
      table.row(
          Integer.toString(frontend.getId()),
          frontend.getFrontend(),
          frontend.getType(),
          lines.isEmpty() ? "" : lines.getFirst(),
          frontend.getOwner()
              + (frontend.getPort().isEmpty() ? "" : ":" + frontend.getPort())
              + (frontend.getFailure().isEmpty() ? "" : " (" + frontend.getFailure() + ")"));
      lines.stream().skip(1).forEach(line -> table.row("", "", "", line, ""));
    }
    table.print(out);
  }

  private static List<String> backends(ServiceFrontend frontend) {
    var lines = new ArrayList<String>();
    for (var backend : frontend.getBackendsList()) {
      lines.add(
          "%d => %s (%s)".formatted(lines.size() + 1, backend.getAddress(), backend.getState()));
    }
    return lines;
  }

  static void details(ServiceFrontend frontend, PrintWriter out) {
    out.println();
    out.println("Internal traffic policy: " + frontend.getInternalPolicy());
    out.println("External traffic policy: " + frontend.getExternalPolicy());
    out.println("Chosen for the outside:  " + frontend.getAlgorithm());
    out.println(
        "Session affinity:        "
            + (frontend.getAffinitySeconds() == 0
                ? "none"
                : "by client, " + frontend.getAffinitySeconds() + "s"));
    if (frontend.getSourceRangesCount() > 0) {
      out.println(
          (frontend.getSourceRangesDeny()
                  ? "Denied sources:          "
                  : "Source ranges:           ")
              + String.join(", ", frontend.getSourceRangesList()));
    }
    out.println("New connections inside:  " + frontend.getInside());
    out.println("New connections outside: " + frontend.getOutside());
    out.println();
    var table =
        new Table("BACKEND", "STATE", "NODE", "ZONE", "WEIGHT", "INSIDE", "OUTSIDE", "CONNECTIONS");
    for (var backend : frontend.getBackendsList()) {
      table.row(
          backend.getAddress(),
          backend.getState(),
          backend.getNode(),
          backend.getZone(),
          Integer.toString(backend.getWeight()),
          backend.getInside() ? "yes" : "no",
          backend.getOutside() ? "yes" : "no",
          Long.toString(backend.getConnections()));
    }
    table.print(out);
  }

  static Map<String, Object> json(ServiceFrontend frontend) {
    return object(
        "id", frontend.getId(),
        "frontend", frontend.getFrontend(),
        "type", frontend.getType(),
        "service", frontend.getOwner(),
        "port", frontend.getPort(),
        "internalTrafficPolicy", frontend.getInternalPolicy(),
        "externalTrafficPolicy", frontend.getExternalPolicy(),
        "affinitySeconds", frontend.getAffinitySeconds(),
        "sourceRanges", List.copyOf(frontend.getSourceRangesList()),
        "sourceRangesDeny", frontend.getSourceRangesDeny(),
        "algorithm", frontend.getAlgorithm(),
        "inside", frontend.getInside(),
        "outside", frontend.getOutside(),
        "failure", frontend.getFailure(),
        "backends", frontend.getBackendsList().stream().map(ServiceText::json).toList());
  }

  private static Map<String, Object> json(ServiceBackend backend) {
    return object(
        "id", backend.getId(),
        "address", backend.getAddress(),
        "state", backend.getState(),
        "node", backend.getNode(),
        "zone", backend.getZone(),
        "weight", backend.getWeight(),
        "inside", backend.getInside(),
        "outside", backend.getOutside(),
        "connections", backend.getConnections());
  }
}
