// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.Node;
import io.jilium.wire.agent.NodeListRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jilium node list}. */
@Command(
    name = "list",
    description = "Every node of the cluster that this agent knows.",
    footer = {"%nExamples:", "  jilium node list", "  jilium node list -o json"})
public final class NodeListVerb extends AgentVerb {
  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var nodes = new ArrayList<Node>();
    ask(
        all -> all.setNodeList(NodeListRequest.getDefaultInstance()),
        answer -> nodes.addAll(answer.getNodes().getNodesList()));
    nodes.sort(Comparator.comparing(Node::getName));
    if (!output.printJson(out, nodes.stream().map(NodeListVerb::json).toList())) {
      print(nodes, out);
    }
  }

  static void print(List<Node> nodes, PrintWriter out) {
    var table =
        new Table(
            "Name", "IPv4 Address", "Endpoint CIDR", "IPv6 Address", "Endpoint CIDR", "Source");
    for (Node node : nodes) {
      table.row(
          node.getName(),
          node.getIpv4(),
          String.join(",", node.getIpv4CidrsList()),
          node.getIpv6(),
          String.join(",", node.getIpv6CidrsList()),
          node.getSource());
    }
    table.print(out);
  }

  static Map<String, Object> json(Node node) {
    return object(
        "name", node.getCluster() + "/" + node.getName(),
        "primary-address",
            object(
                "ipv4", address(node.getIpv4(), node.getIpv4CidrsList()),
                "ipv6", address(node.getIpv6(), node.getIpv6CidrsList())),
        "addresses",
            node.getAddressesList().stream()
                .map(address -> object("type", address.getType(), "ip", address.getAddress()))
                .toList(),
        "source", node.getSource());
  }

  private static Map<String, Object> address(String ip, List<String> cidrs) {
    return object(
        "enabled", !ip.isEmpty(), "ip", ip, "alloc-range", cidrs.isEmpty() ? "" : cidrs.getFirst());
  }
}
