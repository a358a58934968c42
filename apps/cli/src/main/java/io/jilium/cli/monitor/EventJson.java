// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.Json;
import io.jilium.wire.agent.Event;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** An event for machines: one object a line, with Cilium's field names. */
final class EventJson {
  private static final long NANOS = 1_000_000_000L;

  private EventJson() {}

  static String of(Event event) {
    return Json.compact(
        switch (event.getType()) {
          case EVENT_TRACE -> trace(event);
          case EVENT_DROP -> drop(event);
          case EVENT_POLICY_VERDICT -> verdict(event);
          case EVENT_DEBUG -> debug(event);
          case EVENT_UNKNOWN, UNRECOGNIZED -> head(event, "unknown");
        });
  }

  private static Map<String, Object> head(Event event, String type) {
    return object(
        "cpu",
        String.format(Locale.ROOT, "CPU %02d:", event.getCpu()),
        "type",
        type,
        "time",
        Instant.ofEpochSecond(
                Math.floorDiv(event.getUnixNanos(), NANOS),
                Math.floorMod(event.getUnixNanos(), NANOS))
            .toString(),
        "mark",
        "0x" + Integer.toHexString(event.getHash()));
  }

  private static Map<String, Object> trace(Event event) {
    var json = head(event, "trace");
    json.put("ifindex", EventText.device(event));
    json.put("state", EventText.state(event.getState()));
    json.put("observationPoint", EventText.point(event.getSubtype()));
    json.put("traceSummary", EventText.arrow(event));
    json.put("origIP", EventText.originalAddress(event.getOrigIp()));
    sides(json, event);
    return json;
  }

  private static Map<String, Object> drop(Event event) {
    var json = head(event, "drop");
    json.put("reason", EventText.reason(event));
    sides(json, event);
    json.put("Line", event.getLine());
    json.put("File", event.getFile());
    json.put("Ifindex", Integer.toUnsignedLong(event.getIfindex()));
    json.put("rule", Integer.toUnsignedLong(event.getRule()));
    return json;
  }

  private static Map<String, Object> verdict(Event event) {
    var json = head(event, "policy-verdict");
    json.put("direction", event.getDirection() == 1 ? "ingress" : "egress");
    json.put("action", event.getSubtype() == 0 ? "allow" : "deny");
    json.put("rule", Integer.toUnsignedLong(event.getRule()));
    sides(json, event);
    return json;
  }

  private static Map<String, Object> debug(Event event) {
    var json = head(event, "debug");
    json.put("source", event.getEndpoint());
    json.put("message", DebugText.message(event));
    return json;
  }

  private static void sides(Map<String, Object> json, Event event) {
    json.put("source", event.getEndpoint());
    json.put("bytes", event.getLength());
    json.put("srcLabel", Integer.toUnsignedLong(event.getSrcIdentity()));
    json.put("dstLabel", Integer.toUnsignedLong(event.getDstIdentity()));
    json.put("dstID", event.getDstEndpoint());
    json.put("summary", summary(EventText.packet(event)));
  }

  private static Map<String, Object> summary(Packet packet) {
    var json = object();
    for (Packet.Layer layer : packet.layers()) {
      json.put(layer.name().toLowerCase(Locale.ROOT), layer.text());
    }
    packet.link().ifPresent(pair -> json.put("l2", object("src", pair.src(), "dst", pair.dst())));
    packet
        .network()
        .ifPresent(pair -> json.put("l3", object("src", pair.src(), "dst", pair.dst())));
    packet
        .transport()
        .filter(Packet.Transport::ports)
        .ifPresent(transport ->
            json.put(
                "l4",
                object(
                    "src", Integer.toString(transport.sport()),
                    "dst", Integer.toString(transport.dport()))));
    return json;
  }
}
