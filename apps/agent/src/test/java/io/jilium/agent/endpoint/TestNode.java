// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.IpAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that is an agent as far as endpoints go. Arguments: directory, milestone at which it
 * kills itself or "-". Reads commands from stdin: {@code list}, {@code device NAME}.
 */
final class TestNode {
  static final PodNetwork NETWORK =
      new PodNetwork(
          Optional.of(IpAddress.parse("10.200.0.1")),
          Optional.of(IpAddress.parse("fd00:200::1")),
          1500,
          1450);

  private TestNode() {}

  public static void main(String[] args) throws IOException {
    var directory = Path.of(args[0]);
    var maps = Files.createDirectories(directory.resolve("maps"));
    var addresses = new PoolAddresses("10.200.0.0/16", "fd00:200::/64");
    var platform =
        new EndpointPlatform(
            addresses,
            new FixedIdentities(),
            new FileDatapath(maps),
            () -> Optional.of(NETWORK),
            Optional::empty);
    try (var service =
        new EndpointService(
            directory,
            platform,
            milestone -> {
              if (milestone.name().equals(args[1])) {
                Runtime.getRuntime().halt(137);
              }
            })) {
      service.reserve();
      addresses.reserve(NETWORK.routerIpv4().stream().toList(), "router");
      addresses.reserve(NETWORK.routerIpv6().stream().toList(), "router");
      service.restore();
      service.open();
      System.out.println("ready");
      var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (var line = input.readLine(); line != null; line = input.readLine()) {
        command(service, line);
      }
    }
  }

  private static void command(EndpointService service, String line) {
    if (line.startsWith("device ")) {
      service.deviceChanged(line.substring("device ".length()));
    }
    for (var row : service.list()) {
      System.out.printf(
          "%d %s %s%n",
          row.endpoint().id(),
          row.endpoint().state().text(),
          row.reason().isEmpty() ? "-" : row.reason());
    }
    System.out.println(".");
  }
}
