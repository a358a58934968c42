// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import io.jilium.agent.state.HealthReport.Probe;
import io.jilium.core.model.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** {@code GET /hello}: whether TCP to an address works and the agent there answers. */
final class HttpProbe {
  private static final int ENOUGH = 12;

  private HttpProbe() {}

  static Probe run(IpAddress address, int port, Duration timeout) {
    long start = System.nanoTime();
    try (var socket = new Socket()) {
      int millis = (int) timeout.toMillis();
      socket.connect(
          new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port), millis);
      socket.setSoTimeout(millis);
      var host = address.isV4() ? address.toString() : "[" + address + "]";
      socket
          .getOutputStream()
          .write(
              ("GET /hello HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      var status =
          new String(socket.getInputStream().readNBytes(ENOUGH), StandardCharsets.US_ASCII);
      return status.endsWith(" 200")
          ? new Probe.Answered(Duration.ofNanos(System.nanoTime() - start))
          : new Probe.Failed("answered \"" + status.strip() + "\"");
    } catch (IOException e) {
      return new Probe.Failed(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }
}
