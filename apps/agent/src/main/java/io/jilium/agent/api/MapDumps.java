// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import com.google.protobuf.ByteString;
import io.jilium.agent.monitor.EventMessages;
import io.jilium.agent.monitor.NodeMaps;
import io.jilium.core.model.DropReason;
import io.jilium.core.model.IpAddress;
import io.jilium.datapath.Conntrack;
import io.jilium.datapath.Counter;
import io.jilium.datapath.Direction;
import io.jilium.datapath.EndpointEntry;
import io.jilium.datapath.FlowEntry;
import io.jilium.datapath.FlowFlag;
import io.jilium.datapath.FlowKey;
import io.jilium.datapath.IpcacheEntry;
import io.jilium.datapath.IpcacheFlag;
import io.jilium.datapath.Jiffies;
import io.jilium.datapath.MetricsEntry;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.FragmentEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Consumer;

/** Shows what is in the kernel's maps, in parts of bounded size. */
final class MapDumps {
  private static final int PART = 1024;

  private final NodeMaps maps;

  MapDumps(NodeMaps maps) {
    this.maps = maps;
  }

  void dump(MapDumpRequest.Map map, Conversation.Client client) throws IOException {
    try {
      var part = new Part(client);
      switch (map) {
        case ENDPOINTS -> endpoints(part);
        case IPCACHE -> ipcache(part, false);
        case TUNNEL -> ipcache(part, true);
        case FLOWS -> flows(part, false);
        case NAT -> flows(part, true);
        case FRAGMENTS -> fragments(part);
        case METRICS -> metrics(part);
        case LB_FRONTENDS,
            LB_BACKENDS,
            LB_MAGLEV,
            LB_AFFINITY,
            LB_SOURCE_RANGES,
            UNKNOWN,
            UNRECOGNIZED ->
            throw new Refusal(Error.Kind.UNSUPPORTED, "the agent does not know this map");
      }
      part.send();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Deletes all flows; says how many there were. */
  long flush() {
    long deleted = 0;
    var doomed = new ArrayList<FlowKey>();
    maps.flows().forEach((key, entry) -> doomed.add(key));
    for (int from = 0; from < doomed.size(); from += PART) {
      deleted += maps.flows().deleteAll(doomed.subList(from, Math.min(doomed.size(), from + PART)));
    }
    return deleted;
  }

  private void endpoints(Part part) {
    maps.endpoints()
        .forEach(
            (key, entry) -> part.add(dump -> dump.addEndpoints(endpoint(key.address(), entry))));
  }

  private static io.jilium.wire.agent.EndpointEntry endpoint(
      IpAddress address, EndpointEntry entry) {
    return io.jilium.wire.agent.EndpointEntry.newBuilder()
        .setAddress(bytes(address))
        .setIfindex(entry.ifindex())
        .setIdentity(entry.identity().value())
        .setId(entry.id())
        .setFlags(entry.flags())
        .setMac(ByteString.copyFrom(entry.mac().bytes()))
        .setNodeMac(ByteString.copyFrom(entry.nodeMac().bytes()))
        .build();
  }

  private void ipcache(Part part, boolean tunnelPrefixes) {
    maps.ipcache()
        .forEach((key, entry) -> {
          boolean prefix = key.prefix().length() < key.prefix().address().bitCount();
          if (!tunnelPrefixes || (prefix && entry.has(IpcacheFlag.TUNNEL))) {
            part.add(dump -> dump.addIpcache(ipcache(key.prefix(), entry)));
          }
        });
  }

  private static io.jilium.wire.agent.IpcacheEntry ipcache(
      io.jilium.core.model.IpPrefix prefix, IpcacheEntry entry) {
    return io.jilium.wire.agent.IpcacheEntry.newBuilder()
        .setAddress(bytes(prefix.address()))
        .setPrefix(prefix.length())
        .setIdentity(entry.identity().value())
        .setTunnelEndpoint(bytesUnlessNone(entry.tunnelEndpoint()))
        .setFlags(entry.flags())
        .setKey(entry.key())
        .build();
  }

  private void flows(Part part, boolean translated) {
    Jiffies now = maps.clock().get();
    var sides = new HashMap<IpAddress, Integer>();
    maps.endpoints().forEach((key, entry) -> sides.put(key.address(), entry.ifindex()));
    maps.flows()
        .forEach((key, entry) -> {
          if (!translated || isTranslated(entry)) {
            // A connection ends for both directions at once, so both are asked.
            var reverse =
                maps.flows()
                    .lookup(
                        Conntrack.reverse(
                            key,
                            entry,
                            address -> sides.getOrDefault(address, 0),
                            maps.stackDoor().getAsInt()));
            var left = Conntrack.remaining(key, entry, reverse, maps.timeouts(), now);
            part.add(dump -> dump.addFlows(flow(key, entry, now, left)));
          }
        });
  }

  private static boolean isTranslated(FlowEntry entry) {
    return entry.has(FlowFlag.REWRITE_SRC)
        || entry.has(FlowFlag.REWRITE_DST)
        || entry.has(FlowFlag.HOST);
  }

  private io.jilium.wire.agent.FlowEntry flow(
      FlowKey key, FlowEntry entry, Jiffies now, Duration left) {
    var flow =
        io.jilium.wire.agent.FlowEntry.newBuilder()
            .setSrc(bytes(key.source()))
            .setDst(bytes(key.destination()))
            .setSport(key.sourcePort())
            .setDport(key.destinationPort())
            .setProto(key.protocol())
            .setIfindex(key.ifindex())
            .setPackets(entry.packets())
            .setBytes(entry.bytes())
            .setEpoch(entry.epoch())
            .setCurrent(maps.current().test(key, entry))
            .setSeenMillis(now.since(entry.seen()).toMillis())
            .setCreatedMillis(now.since(entry.created()).toMillis())
            .setReportedMillis(entry.reported() == 0 ? -1 : now.since(entry.reported()).toMillis())
            .setExpiresMillis(left.toMillis())
            .setSrcIdentity(entry.sourceIdentity().value())
            .setDstIdentity(entry.destinationIdentity().value())
            .setRule(entry.rule())
            .setOutIfindex(entry.ifindex())
            .setSrcEndpoint(entry.sourceEndpoint())
            .setDstEndpoint(entry.destinationEndpoint())
            .setAction(entry.action().number())
            .setTcpFlags(entry.tcpFlags())
            .setFlags(entry.flags())
            .setOrigin(entry.origin().number())
            .setMtu(entry.mtu())
            .setTunnelRemote(bytesUnlessNone(entry.tunnelRemote()))
            .setRevnat(entry.revnat())
            .setBackend(entry.backend());
    translation(entry, flow);
    return flow.build();
  }

  private static void translation(FlowEntry entry, io.jilium.wire.agent.FlowEntry.Builder flow) {
    boolean destination = entry.has(FlowFlag.REWRITE_DST);
    if (entry.has(FlowFlag.REWRITE_SRC)) {
      flow.setNatAddress(bytes(entry.natSource())).setNatPort(entry.natSourcePort());
      if (destination) {
        flow.setNatDestination(bytes(entry.natDestination()))
            .setNatDestinationPort(entry.natDestinationPort());
      }
    } else if (destination) {
      flow.setNatAddress(bytes(entry.natDestination())).setNatPort(entry.natDestinationPort());
    }
  }

  private void fragments(Part part) {
    maps.fragments()
        .forEach((key, entry) ->
            part.add(dump ->
                dump.addFragments(
                    FragmentEntry.newBuilder()
                        .setSrc(bytes(key.source()))
                        .setDst(bytes(key.destination()))
                        .setId(key.id())
                        .setIfindex(key.ifindex())
                        .setProto(key.protocol())
                        .setSport(entry.sourcePort())
                        .setDport(entry.destinationPort()))));
  }

  private void metrics(Part part) {
    maps.metrics()
        .entries()
        .forEach((key, entry) ->
            part.add(dump ->
                dump.addMetrics(
                    counted(entry)
                        .setReason(key.reason())
                        .setText(key.reason() == 0 ? "Success" : DropReason.text(key.reason()))
                        .setDirection(key.direction())
                        .setLine(key.line())
                        .setFile(EventMessages.fileName(key.file())))));
    for (Counter counter : List.of(Counter.FORWARD_INGRESS, Counter.FORWARD_EGRESS)) {
      MetricsEntry entry = maps.counters().get(counter);
      Direction direction =
          counter == Counter.FORWARD_INGRESS ? Direction.INGRESS : Direction.EGRESS;
      part.add(dump ->
          dump.addMetrics(counted(entry).setText("Success").setDirection(direction.number())));
    }
  }

  private static io.jilium.wire.agent.MetricsEntry.Builder counted(MetricsEntry entry) {
    return io.jilium.wire.agent.MetricsEntry.newBuilder()
        .setPackets(entry.packets())
        .setBytes(entry.bytes());
  }

  private static ByteString bytes(IpAddress address) {
    return ByteString.copyFrom(address.bytes());
  }

  private static ByteString bytesUnlessNone(IpAddress address) {
    return address.isUnspecified() ? ByteString.EMPTY : bytes(address);
  }

  /** Entries that go out in one frame. */
  static final class Part {
    private final Conversation.Client client;
    private MapDump.Builder dump = MapDump.newBuilder();
    private int size;

    Part(Conversation.Client client) {
      this.client = client;
    }

    void add(Consumer<MapDump.Builder> entry) {
      entry.accept(dump);
      if (++size == PART) {
        send();
      }
    }

    void send() {
      try {
        client.send(Response.newBuilder().setMapDump(dump).build());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      dump = MapDump.newBuilder();
      size = 0;
    }
  }
}
