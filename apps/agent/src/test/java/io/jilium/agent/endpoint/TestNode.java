// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.PodName;
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
    var identities = new FixedIdentities();
    var platform =
        new EndpointPlatform(
            addresses,
            identities,
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
        command(service, identities, line.split(" ", -1));
      }
    }
  }

  private static void command(EndpointService service, FixedIdentities identities, String[] words) {
    switch (words[0]) {
      case "device" -> service.deviceChanged(words[1]);
      case "label" -> {
        var pod = new PodName(words[1], words[2]);
        identities.pods.put(pod, Labels.of(Label.k8s(words[3], words[4])));
        service.podChanged(pod);
      }
      case "away" -> identities.trouble = Optional.of("the store is away");
      case "back" -> identities.trouble = Optional.empty();
      default -> {}
    }
    for (var row : service.list()) {
      System.out.printf(
          "%d %s %s %s%n",
          row.endpoint().id(),
          row.endpoint().identity(),
          row.endpoint().state().text(),
          row.reason().isEmpty() ? "-" : row.reason());
    }
    System.out.println(".");
  }
}
