// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.service.FrontendType;
import io.jilium.linux.ebpf.KernelFeature;
import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.BpffsDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A node of its own for real sockets: a network namespace with the addresses of backends on its
 * loopback device, a cgroup with this process in it and the programs attached, and the tables of
 * services to fill by hand. Servers answer every datagram, and every connection, with their name.
 */
final class SocketLab implements BeforeEachCallback, AfterEachCallback {
  static final int MAGLEV = 251;
  static final int TCP = 6;
  static final int UDP = 17;
  private static final int LOOPBACK = 1;

  private final BpffsDirectory bpffs = new BpffsDirectory();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Netns netns = Netns.current();
  private Path cgroup = Path.of("");
  private ServiceDatapath datapath = unused();
  private int nextSlot = 1;
  private int nextId = 1;

  @SuppressWarnings("NullAway") // set before each test
  private static ServiceDatapath unused() {
    return null;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    netns.close();
    netns = Netns.createUnnamed();
    try (var netlink = NetlinkSocket.open(netns)) {
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
    }
    nextSlot = 1;
    nextId = 1;
    load(false);
    var root = Mounts.cgroup2().orElseThrow();
    cgroup = Files.createDirectory(root.resolve("jilium-sockets-" + ProcessHandle.current().pid()));
    join(cgroup);
    datapath.attach(cgroup, EnumSet.allOf(SocketHook.class));
  }

  private static void join(Path group) throws IOException {
    Files.writeString(group.resolve("cgroup.procs"), Long.toString(ProcessHandle.current().pid()));
  }

  private void load(boolean hostOnly) {
    boolean errno = KernelFeatures.probe().has(KernelFeature.SET_RETVAL);
    var sizes = ServiceSizes.of(1024, MAGLEV);
    var config = new ServiceConfig(netns.cookie().orElseThrow(), hostOnly, errno, sizes);
    datapath = ServiceDatapath.load(bpffs.path(), config);
  }

  /** Other programs take over, as those of a later agent do. */
  void reload(boolean hostOnly) {
    datapath.close();
    load(hostOnly);
    datapath.attach(cgroup, EnumSet.allOf(SocketHook.class));
  }

  /** The agent makes maps larger while they are in use. */
  void enlarge(Map<DatapathMap, Integer> wanted, Runnable packets) {
    datapath.enlarge(wanted, packets);
  }

  /** The node's directory on a bpffs. */
  Path pins() {
    return bpffs.path();
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
    datapath.detach();
    datapath.close();
    join(Mounts.cgroup2().orElseThrow());
    Files.delete(cgroup);
    netns.close();
    bpffs.afterEach(context);
  }

  Netns netns() {
    return netns;
  }

  ServiceMaps maps() {
    return datapath.maps();
  }

  /** Something that this lab closes. */
  <T extends AutoCloseable> T own(T resource) {
    open.push(resource);
    return resource;
  }

  static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  static InetSocketAddress socketAddress(String address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StandardProtocolFamily family(String address) {
    return address.contains(":") ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
  }

  /** Gives the node an address. */
  void address(String address) {
    try (var netlink = NetlinkSocket.open(netns)) {
      var prefix = address + (address.contains(":") ? "/128" : "/32");
      var wanted = Address.of(LOOPBACK, Prefix.parse(prefix)).flags(Address.Flag.NODAD);
      netlink.apply(Addresses.replace(wanted));
    }
  }

  /** A server that tells its address and port to whoever connects. */
  void tcpServer(String address, int port) {
    address(address);
    var server =
        own(
            netns.run(() ->
                ServerSocketChannel.open(family(address))
                    .setOption(StandardSocketOptions.SO_REUSEADDR, true)
                    .bind(socketAddress(address, port), 1024)));
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              try (var client = server.accept()) {
                client.write(
                    ByteBuffer.wrap((address + "|" + port).getBytes(StandardCharsets.US_ASCII)));
              }
            }
          } catch (ClosedChannelException e) {
            return;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** A server that answers every datagram with its address and port. */
  void udpServer(String address, int port) {
    address(address);
    var server =
        own(
            netns.run(
                () -> DatagramChannel.open(family(address)).bind(socketAddress(address, port))));
    Thread.ofVirtual()
        .start(() -> {
          var buffer = ByteBuffer.allocate(64);
          try {
            while (true) {
              buffer.clear();
              var client = server.receive(buffer);
              var answer = (address + "|" + port).getBytes(StandardCharsets.US_ASCII);
              server.send(ByteBuffer.wrap(answer), client);
            }
          } catch (ClosedChannelException e) {
            return;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Connects from a namespace and reads who is there. */
  static String ask(Netns from, StandardProtocolFamily family, String address, int port) {
    return from.run(() -> {
      try (var socket = SocketChannel.open(family)) {
        socket.connect(socketAddress(address, port));
        return read(socket);
      }
    });
  }

  /** Connects from the node. */
  String ask(String address, int port) {
    return ask(netns, family(address), address, port);
  }

  static String read(SocketChannel socket) throws IOException {
    var buffer = ByteBuffer.allocate(64);
    while (socket.read(buffer) >= 0 && buffer.hasRemaining()) {
      // until the server closes
    }
    return text(buffer);
  }

  static String text(ByteBuffer buffer) {
    return StandardCharsets.US_ASCII.decode(buffer.duplicate().flip()).toString();
  }

  /** A UDP socket of the node. */
  DatagramChannel datagrams(StandardProtocolFamily family) {
    return own(netns.run(() -> DatagramChannel.open(family)));
  }

  /** Runs a line of Python on the node; returns what it prints and complains of. */
  String run(String line) {
    return netns.run(() -> {
      var process = new ProcessBuilder("python3", "-c", line).redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    });
  }

  /** Writes a backend; returns its number. */
  int backend(String address, int port, int protocol) {
    int id = nextId++;
    maps().backends().put(id, new BackendEntry(ip(address), port, protocol, 0, 0));
    return id;
  }

  /** Writes a set, with its members. */
  BackendSetEntry set(int id, int flags, int... backends) {
    int base = backends.length == 0 ? 0 : nextSlot;
    nextSlot += backends.length;
    maps().slots().put(base, id, backends);
    Arrays.stream(backends).forEach(backend -> maps().members().put(new MemberKey(id, backend), 1));
    return new BackendSetEntry(id, base, backends.length, flags);
  }

  /** Writes a service whose number is that of its set. */
  void frontend(String address, int port, int protocol, BackendSetEntry set) {
    frontend(address, port, protocol, FrontendType.CLUSTER_IP, 0, 0, set);
  }

  /** Writes a service. */
  void frontend(
      String address,
      int port,
      int protocol,
      FrontendType type,
      int flags,
      int affinity,
      BackendSetEntry set) {
    maps()
        .frontends()
        .put(
            new FrontendKey(ip(address), port, protocol),
            new FrontendEntry(set.id(), flags, type.number(), affinity, set, set));
  }
}
