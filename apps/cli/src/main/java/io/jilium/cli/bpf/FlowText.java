// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.Json;
import io.jilium.wire.agent.FlowEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One direction of a connection in words. */
final class FlowText {
  static final int REPLY = 1;
  static final int HOST = 1 << 6;
  static final int REWRITE_SRC = 1 << 4;
  static final int REWRITE_DST = 1 << 5;

  /** In enum flow_origin and enum flow_action of abi/flow.h. */
  private static final int ORIGIN_HOST = 4;

  private static final int TO_POD = 1;

  /** Bits of enum flow_flag in abi/flow.h, lowest first. */
  private static final List<String> FLAGS =
      List.of(
          "Reply",
          "FromTunnel",
          "Closing",
          "SeenNonSyn",
          "RewriteSrc",
          "RewriteDst",
          "Host",
          "Stack",
          "Service",
          "Direct");

  /** enum flow_action in abi/flow.h. */
  private static final List<String> ACTIONS =
      List.of("none", "pod", "host", "tunnel", "tunnel-device", "node", "neigh", "stack");

  private FlowText() {}

  /** As the connection tracker knows it. */
  static String connection(FlowEntry flow) {
    boolean reply = has(flow, REPLY);
    String side = reply ? "Rx" : "Tx";
    return String.format(
        Locale.ROOT,
        "%s %s %s -> %s%s expires=%d Packets=%s Bytes=%s %sFlagsSeen=0x%02x Last%sReport=%s"
            + " Flags=0x%04x [ %s] RevNAT=%d SourceSecurityID=%s DestSecurityID=%s"
            + " Action=%s Ifindex=%d Rule=%d NatPort=%d",
        Addresses.protocol(flow.getProto()),
        direction(flow),
        Addresses.text(flow.getSrc(), flow.getSport()),
        Addresses.text(flow.getDst(), flow.getDport()),
        reply ? " reply" : "",
        Math.max(0, flow.getExpiresMillis()) / 1000,
        Long.toUnsignedString(flow.getPackets()),
        Long.toUnsignedString(flow.getBytes()),
        side,
        flow.getTcpFlags(),
        side,
        flow.getReportedMillis() < 0 ? "never" : flow.getReportedMillis() / 1000 + "s",
        flow.getFlags(),
        flags(flow).stream().map(flag -> flag + " ").reduce("", String::concat),
        flow.getRevnat(),
        Integer.toUnsignedString(flow.getSrcIdentity()),
        Integer.toUnsignedString(flow.getDstIdentity()),
        action(flow),
        flow.getOutIfindex(),
        flow.getRule(),
        flow.getNatPort());
  }

  /** As the address translation knows it; a connection of the node itself keeps its own address. */
  static String translation(FlowEntry flow) {
    boolean reservation = has(flow, HOST) && flow.getNatAddress().isEmpty();
    boolean out = reservation ? !has(flow, REPLY) : has(flow, REWRITE_SRC);
    String source = Addresses.text(flow.getSrc(), flow.getSport());
    String destination = Addresses.text(flow.getDst(), flow.getDport());
    String becomes =
        reservation
            ? (out ? source : destination)
            : Addresses.text(flow.getNatAddress(), flow.getNatPort());
    return String.format(
        Locale.ROOT,
        "%s %s %s -> %s XLATE_%s %s%s Created=%dsec ago NeedsCT=%d",
        Addresses.protocol(flow.getProto()),
        out ? "OUT" : "IN",
        source,
        destination,
        out ? "SRC" : "DST",
        becomes,
        flow.getNatDestination().isEmpty()
            ? ""
            : " XLATE_DST "
                + Addresses.text(flow.getNatDestination(), flow.getNatDestinationPort()),
        flow.getCreatedMillis() / 1000,
        reservation ? 1 : 0);
  }

  static Map<String, Object> json(FlowEntry flow) {
    var json =
        Json.object(
            "protocol", Addresses.protocol(flow.getProto()),
            "direction", direction(flow),
            "reply", has(flow, REPLY),
            "source", Addresses.text(flow.getSrc()),
            "source-port", flow.getSport(),
            "destination", Addresses.text(flow.getDst()),
            "destination-port", flow.getDport(),
            "ifindex", flow.getIfindex(),
            "packets", flow.getPackets(),
            "bytes", flow.getBytes(),
            "expires", flow.getExpiresMillis() / 1000,
            "seen-ms", flow.getSeenMillis(),
            "created-ms", flow.getCreatedMillis());
    json.put("tcp-flags", flow.getTcpFlags());
    json.put("flags", flags(flow));
    json.put("action", action(flow));
    json.put("out-ifindex", flow.getOutIfindex());
    json.put("source-identity", Integer.toUnsignedLong(flow.getSrcIdentity()));
    json.put("destination-identity", Integer.toUnsignedLong(flow.getDstIdentity()));
    json.put("source-endpoint", flow.getSrcEndpoint());
    json.put("destination-endpoint", flow.getDstEndpoint());
    json.put("rule", flow.getRule());
    json.put("epoch", flow.getEpoch());
    json.put("current", flow.getCurrent());
    json.put("mtu", flow.getMtu());
    json.put("revnat", flow.getRevnat());
    if (!flow.getNatAddress().isEmpty()) {
      json.put("nat-address", Addresses.text(flow.getNatAddress()));
      json.put("nat-port", flow.getNatPort());
    }
    if (!flow.getNatDestination().isEmpty()) {
      json.put("nat-destination", Addresses.text(flow.getNatDestination()));
      json.put("nat-destination-port", flow.getNatDestinationPort());
    }
    if (flow.getBackend() != 0) {
      json.put("backend", flow.getBackend());
    }
    if (!flow.getTunnelRemote().isEmpty()) {
      json.put("tunnelendpoint", Addresses.text(flow.getTunnelRemote()));
    }
    return json;
  }

  private static boolean has(FlowEntry flow, int flag) {
    return (flow.getFlags() & flag) != 0;
  }

  /**
   * OUT when the packets of this direction leave an endpoint of this node or the node itself; what
   * the node sends to a pod of its own comes in there.
   */
  private static String direction(FlowEntry flow) {
    if (has(flow, HOST)) {
      return has(flow, REPLY) ? "IN" : "OUT";
    }
    boolean fromNode = flow.getOrigin() == ORIGIN_HOST && flow.getAction() != TO_POD;
    return flow.getIfindex() != 0 || fromNode ? "OUT" : "IN";
  }

  private static String action(FlowEntry flow) {
    return flow.getAction() < ACTIONS.size()
        ? ACTIONS.get(flow.getAction())
        : Integer.toString(flow.getAction());
  }

  private static List<String> flags(FlowEntry flow) {
    var names = new ArrayList<String>();
    for (int i = 0; i < FLAGS.size(); i++) {
      if (has(flow, 1 << i)) {
        names.add(FLAGS.get(i));
      }
    }
    return names;
  }
}
