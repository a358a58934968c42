// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.Ago;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.Allocation;
import io.jilium.wire.agent.Component;
import io.jilium.wire.agent.Controller;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.Ipam;
import io.jilium.wire.agent.MapInfo;
import io.jilium.wire.agent.Masquerading;
import io.jilium.wire.agent.MonitorState;
import io.jilium.wire.agent.Routing;
import io.jilium.wire.agent.State;
import io.jilium.wire.agent.Status;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A status for people: one line per topic, details below it when asked for. */
final class StatusText {
  private final Status status;
  private final boolean verbose;
  private final PrintWriter out;

  private StatusText(Status status, boolean verbose, PrintWriter out) {
    this.status = status;
    this.verbose = verbose;
    this.out = out;
  }

  static void print(Status status, boolean verbose, PrintWriter out) {
    new StatusText(status, verbose, out).print();
  }

  static String word(State state) {
    return switch (state) {
      case STATE_OK -> "Ok";
      case STATE_WARNING -> "Warning";
      case STATE_FAILURE -> "Failure";
      case STATE_DISABLED -> "Disabled";
      case STATE_UNKNOWN, UNRECOGNIZED -> "Unknown";
    };
  }

  /** {@code Tunnel [vxlan]} or {@code Native}. */
  static String network(Routing routing) {
    return routing.getTunnel() ? "Tunnel [" + routing.getProtocol() + "]" : "Native";
  }

  private void print() {
    line("KVStore", component(status.getKvstore()));
    line("Kubernetes", component(status.getKubernetes()));
    line("CNI Config file", component(status.getCni()));
    line("Jilium", component(status.getAgent()));
    line("NodeMonitor", monitor(status.getMonitor()));
    line("IPAM", ipam());
    if (verbose) {
      out.println("Allocated addresses:");
      for (Allocation allocation : status.getAllocationsList()) {
        out.println("  %s (%s)".formatted(allocation.getAddress(), allocation.getOwner()));
      }
    }
    Routing routing = status.getRouting();
    line("Routing", "Network: %s   Host: %s".formatted(network(routing), routing.getHost()));
    line("Attach Mode", routing.getAttachMode());
    line("Device Mode", routing.getDeviceMode());
    line("Load Balancer Mode", routing.getBalancer());
    line("XDP Acceleration", routing.getAcceleration());
    line("Masquerading", masquerading(status.getMasquerading()));
    controllers();
    line(
        "Global Identity Range",
        "min %d, max %d".formatted(status.getIdentityMin(), status.getIdentityMax()));
    health(status.getHealth());
    if (verbose) {
      maps();
    }
  }

  private void line(String label, String text) {
    out.println(String.format(Locale.ROOT, "%-25s%s", label + ":", text).stripTrailing());
  }

  private static String component(Component component) {
    String word = word(component.getState());
    return component.getMessage().isEmpty() ? word : word + "   " + component.getMessage();
  }

  private static String monitor(MonitorState monitor) {
    var text = new StringBuilder();
    text.append(
        "Listening for events on %d CPUs with %d KiB of shared memory"
            .formatted(monitor.getCpus(), monitor.getRingBytes() >> 10));
    if (monitor.getLost() > 0 || monitor.getUnknown() > 0) {
      text.append(
          "   %d events lost, %d unknown notifications"
              .formatted(monitor.getLost(), monitor.getUnknown()));
    }
    if (monitor.getClientLost() > 0) {
      text.append("   %d not read in time by clients".formatted(monitor.getClientLost()));
    }
    return text.toString();
  }

  private String ipam() {
    var families = new ArrayList<String>();
    for (Ipam ipam : status.getIpamList()) {
      families.add(
          "IPv%d: %d/%s allocated from %s"
              .formatted(
                  ipam.getFamily(), ipam.getAllocated(), ipam.getCapacity(), ipam.getCidr()));
    }
    return families.isEmpty() ? "no pod CIDR assigned yet" : String.join(", ", families);
  }

  private static String masquerading(Masquerading masquerading) {
    if (!masquerading.getIpv4() && !masquerading.getIpv6()) {
      return "Disabled";
    }
    return "%s   [%s]   %s  [IPv4: %s, IPv6: %s]"
        .formatted(
            masquerading.getMode(),
            String.join(", ", masquerading.getDevicesList()),
            String.join(" ", masquerading.getCidrsList()),
            enabled(masquerading.getIpv4()),
            enabled(masquerading.getIpv6()));
  }

  static String enabled(boolean yes) {
    return yes ? "Enabled" : "Disabled";
  }

  private void controllers() {
    int total = status.getControllersTotal();
    line(
        "Controller Status",
        "%d/%d healthy".formatted(total - status.getControllersFailing(), total));
    List<Controller> shown = status.getControllersList();
    if (shown.isEmpty()) {
      return;
    }
    var table = new Table("Name", "Last success", "Last error", "Count", "Message");
    for (Controller controller : shown) {
      table.row(
          controller.getName(),
          Ago.text(controller.getLastSuccessUnixNanos(), status.getNowUnixNanos()),
          Ago.text(controller.getLastErrorUnixNanos(), status.getNowUnixNanos()),
          Integer.toString(controller.getFailures()),
          controller.getMessage().isEmpty() ? "no error" : controller.getMessage());
    }
    table.print(out, "  ");
  }

  private void health(HealthStatus health) {
    if (!health.getEnabled()) {
      line("Cluster health", "Probe disabled");
      return;
    }
    line("Cluster health", HealthText.summary(health));
    if (verbose) {
      HealthText.nodes(health).print(out, "  ");
    }
  }

  private void maps() {
    out.println("BPF Maps:");
    var table = new Table("Name", "Size", "Entries", "Map");
    for (MapInfo map : status.getMapsList()) {
      table.row(
          map.getName(),
          Long.toString(map.getMaxEntries()),
          map.getEntries() < 0 ? "-" : Long.toString(map.getEntries()),
          map.getMap());
    }
    table.print(out, "  ");
  }
}
