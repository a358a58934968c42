// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Two ends between which is measured, and the address by which the first reaches the second.
 * Closing removes what was made for them.
 */
final class Ends implements AutoCloseable {
  private final String label;
  private final Netns client;
  private final Netns server;
  private final String address;
  private final String listen;
  private final Optional<Path> group;
  private final List<Netns> others;

  Ends(String label, Netns client, Netns server, String address, Netns... others) {
    this(label, client, server, address, address, Optional.empty(), List.of(others));
  }

  private Ends(
      String label,
      Netns client,
      Netns server,
      String address,
      String listen,
      Optional<Path> group,
      List<Netns> others) {
    this.label = label;
    this.client = client;
    this.server = server;
    this.address = address;
    this.listen = listen;
    this.group = group;
    this.others = others;
  }

  /** The same ends, reached by the address of a service. */
  Ends through(String service, String called) {
    return new Ends(called, client, server, service, listen, group, others);
  }

  /** The same second end with another client, which stays the caller's. */
  Ends from(Netns other) {
    return new Ends(label, other, server, address, listen, group, List.of());
  }

  /** The same ends; the client's sockets are those of a control group. */
  Ends clientIn(Path controlGroup) {
    return new Ends(label, client, server, address, listen, Optional.of(controlGroup), others);
  }

  /** A command of the client, in its control group from its first instruction on. */
  String[] atClient(String... command) {
    if (group.isEmpty()) {
      return command;
    }
    var procs = group.get().resolve("cgroup.procs").toString();
    return Stream.concat(
            Stream.of("sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", procs), Stream.of(command))
        .toArray(String[]::new);
  }

  String label() {
    return label;
  }

  Netns client() {
    return client;
  }

  Netns server() {
    return server;
  }

  String address() {
    return address;
  }

  /** The second end's own address. */
  String listen() {
    return listen;
  }

  /** The namespaces have no names: with their last handle go their devices. */
  @Override
  public void close() {
    client.close();
    server.close();
    others.forEach(Netns::close);
  }
}
