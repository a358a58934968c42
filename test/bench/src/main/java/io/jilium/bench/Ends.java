// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.sys.Netns;
import java.util.List;

/**
 * Two ends between which is measured, and the address of the second one. Closing removes what was
 * made for them.
 */
final class Ends implements AutoCloseable {
  private final String label;
  private final Netns client;
  private final Netns server;
  private final String address;
  private final List<Netns> others;

  Ends(String label, Netns client, Netns server, String address, Netns... others) {
    this.label = label;
    this.client = client;
    this.server = server;
    this.address = address;
    this.others = List.of(others);
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

  /** The namespaces have no names: with their last handle go their devices. */
  @Override
  public void close() {
    client.close();
    server.close();
    others.forEach(Netns::close);
  }
}
