// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import com.google.protobuf.ByteString;
import io.jilium.wire.FrameChannel;
import io.jilium.wire.agent.Component;
import io.jilium.wire.agent.End;
import io.jilium.wire.agent.Endpoint;
import io.jilium.wire.agent.EndpointEntry;
import io.jilium.wire.agent.EndpointList;
import io.jilium.wire.agent.Event;
import io.jilium.wire.agent.EventType;
import io.jilium.wire.agent.FlowEntry;
import io.jilium.wire.agent.IpcacheEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MonitorReport;
import io.jilium.wire.agent.Node;
import io.jilium.wire.agent.NodeList;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.State;
import io.jilium.wire.agent.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * Runs every kind of verb once against an agent of its own, so that the virtual machine can record
 * which classes and which code a verb needs ({@code -XX:AOTCacheOutput}). Prints nothing.
 */
public final class AotTraining {
  private static final List<String> VERBS =
      List.of(
          "status",
          "status --verbose",
          "status -o json",
          "endpoint list",
          "endpoint get 1",
          "node list",
          "identity list",
          "ip list",
          "bpf endpoint list",
          "bpf tunnel list",
          "bpf ipcache list",
          "bpf ct list",
          "bpf nat list",
          "bpf metrics list",
          "bpf ipcache list -o json",
          "monitor",
          "monitor -vv --type trace",
          "monitor -o json",
          "metrics list",
          "config",
          "health status",
          "version",
          "--help",
          "endpoint get x");

  private static final ByteString ADDRESS = ByteString.copyFrom(new byte[] {10, 0, 0, 1});
  private static final ByteString MAC = ByteString.copyFrom(new byte[6]);

  /** An echo request. */
  private static final String PACKET =
      "42eff87a9ef7ca0efa6c0f300800"
          + "45000054b29440003e0174440a0000550a00017c"
          + "0800517d0c000000"
          + "00".repeat(56);

  private AotTraining() {}

  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createTempDirectory("jilium-aot");
    Path socket = directory.resolve("agent.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofPlatform().daemon().start(() -> serve(server));
      var nowhere = new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
      for (String verb : VERBS) {
        Main.run(nowhere, nowhere, ("--socket " + socket + " " + verb).split(" ", -1));
      }
      Main.run(nowhere, nowhere, "--root", directory.toString(), "status");
    } finally {
      Files.deleteIfExists(socket);
      Files.delete(directory);
    }
  }

  private static void serve(ServerSocketChannel server) {
    while (server.isOpen()) {
      try (var frames =
          new FrameChannel(server.accept(), FrameChannel.MAX_REQUEST, FrameChannel.MAX_RESPONSE)) {
        frames.write(answer(frames.read(Request.parser()).orElseThrow()));
        frames.write(Response.newBuilder().setEnd(End.getDefaultInstance()).build());
      } catch (IOException e) {
        // The training is over, or a verb left early.
      }
    }
  }

  private static Response answer(Request request) {
    var answer = Response.newBuilder();
    switch (request.getRequestCase()) {
      case STATUS ->
          answer.setStatus(
              Status.newBuilder()
                  .setAgent(Component.newBuilder().setState(State.STATE_OK))
                  .setNode("node-1"));
      case ENDPOINT_LIST ->
          answer.setEndpoints(
              EndpointList.newBuilder()
                  .addEndpoints(Endpoint.newBuilder().setId(1).addLabels("reserved:host")));
      case NODE_LIST ->
          answer.setNodes(NodeList.newBuilder().addNodes(Node.newBuilder().setName("node-1")));
      case MAP_DUMP -> answer.setMapDump(dump());
      case MONITOR -> answer.setMonitor(report());
      case VERSION -> answer.getVersionBuilder();
      case IDENTITY_LIST -> answer.getIdentitiesBuilder().addIdentitiesBuilder().addLabels("a");
      case ADDRESS_LIST -> answer.getAddressesBuilder().addAddressesBuilder().setCidr("::/0");
      case METRIC_LIST -> answer.getMetricsBuilder().addMetricsBuilder().putLabels("a", "b");
      case CONFIG -> answer.getConfigBuilder().addSettingsBuilder().setName("a");
      case SERVICE_LIST -> answer.getServicesBuilder().addFrontendsBuilder().addBackendsBuilder();
      case SERVICE_EXPLAIN -> answer.getServiceExplanationBuilder();
      case HEALTH -> answer.getHealthBuilder().setEnabled(true);
      case FLOW_FLUSH, REQUEST_NOT_SET -> answer.getErrorBuilder().setMessage("not trained");
    }
    return answer.build();
  }

  private static MapDump.Builder dump() {
    return MapDump.newBuilder()
        .addEndpoints(
            EndpointEntry.newBuilder().setAddress(ADDRESS).setMac(MAC).setNodeMac(MAC).setId(1))
        .addIpcache(IpcacheEntry.newBuilder().setAddress(ADDRESS).setTunnelEndpoint(ADDRESS))
        .addFlows(FlowEntry.newBuilder().setSrc(ADDRESS).setDst(ADDRESS).setProto(6));
  }

  private static MonitorReport.Builder report() {
    return MonitorReport.newBuilder()
        .addEvents(
            Event.newBuilder()
                .setType(EventType.EVENT_TRACE)
                .setData(ByteString.copyFrom(HexFormat.of().parseHex(PACKET))));
  }
}
