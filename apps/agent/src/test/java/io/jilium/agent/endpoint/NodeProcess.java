// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A node of its own: a network namespace, a directory and, while started, a {@link TestNode} in
 * both.
 */
final class NodeProcess implements AutoCloseable {
  /** What the plugin would exit with and print. */
  record Answer(int exitCode, String body) {}

  private final String name;
  private final Path directory;
  private final Netns netns;
  private final List<Path> pods = new ArrayList<>();
  private Process process;
  private BufferedReader output;

  @SuppressWarnings("NullAway.Init")
  private NodeProcess(String name, Path directory, Netns netns) {
    this.name = name;
    this.directory = directory;
    this.netns = netns;
  }

  static NodeProcess create(String suffix) throws IOException {
    var name = "cnitest-" + ProcessHandle.current().pid() + "-" + suffix;
    return new NodeProcess(
        name, Files.createTempDirectory(name), Netns.create(Path.of("/run/netns", name)));
  }

  /** Returns when the socket is open, or the process has ended. */
  void start(String killAt) throws IOException {
    var command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TestNode.class.getName(),
            directory.toString(),
            killAt);
    process =
        netns.run(() ->
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var _ = output.readLine();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    var _ = process.waitFor(10, TimeUnit.SECONDS);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Id, identity, state and reason of every endpoint, after the command. */
  List<String> list(String command) throws IOException {
    var input = process.outputWriter(StandardCharsets.UTF_8);
    input.write(command + "\n");
    input.flush();
    var lines = new ArrayList<String>();
    for (var line = output.readLine();
        line != null && !line.equals(".");
        line = output.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  /** A new namespace as a runtime makes it. */
  Path pod(String pod) {
    var path = Path.of("/run/netns", name + "-" + pod);
    Netns.create(path).close();
    synchronized (pods) {
      pods.add(path);
    }
    return path;
  }

  /** What the plugin does. */
  Answer call(String verb, Map<String, String> environment, String input) throws IOException {
    try (var channel = send(verb, environment, input)) {
      var answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (answer.isEmpty()) {
        throw new IOException("no answer");
      }
      int line = answer.indexOf('\n');
      return new Answer(
          Integer.parseInt(answer.substring(0, answer.indexOf(' '))), answer.substring(line + 1));
    }
  }

  /** A connection on which the request was sent. */
  SocketChannel send(String verb, Map<String, String> environment, String input)
      throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(directory.resolve("cni.sock")));
      var variables =
          environment.entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue() + "\0")
              .collect(Collectors.joining())
              .getBytes(StandardCharsets.UTF_8);
      var body = input.getBytes(StandardCharsets.UTF_8);
      var head = "JILIUM-CNI/1 %s %d %d\n".formatted(verb, variables.length, body.length);
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
      channel.write(ByteBuffer.wrap(variables));
      channel.write(ByteBuffer.wrap(body));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Devices of pods on the node. */
  List<String> podDevices() {
    try (var socket = NetlinkSocket.open(netns)) {
      return socket.list(Links.all()).stream()
          .map(Link::name)
          .filter(device -> device.startsWith("lxc"))
          .toList();
    }
  }

  /** Everything that endpoints may leave behind, empty when there is nothing. */
  List<String> traces() throws IOException {
    var traces = new ArrayList<>(podDevices());
    for (var place : List.of("maps", "state", "deleteQueue")) {
      try (var files = Files.list(directory.resolve(place))) {
        files
            .filter(file -> !file.endsWith("lockfile"))
            .forEach(file -> traces.add(directory.relativize(file).toString()));
      }
    }
    return traces;
  }

  Path directory() {
    return directory;
  }

  Netns netns() {
    return netns;
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
    pods.forEach(Netns::delete);
    netns.close();
    Netns.delete(Path.of("/run/netns", name));
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
