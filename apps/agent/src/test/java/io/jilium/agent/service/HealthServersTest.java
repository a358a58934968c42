// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.ServiceName;
import io.jilium.core.service.HealthCheck;
import io.jilium.core.settings.ServiceSettings.Listen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class HealthServersTest {
  private static final ServiceName WEB = new ServiceName("shop", "web");

  private final AtomicBoolean healthy = new AtomicBoolean(true);
  private final HealthServers servers = new HealthServers(healthy::get);

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpResponse<String> get(int port) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthz"));
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  @Test
  void aNodeWithEndpointsIsWellAndOneWithoutIsNot() throws IOException, InterruptedException {
    try (servers) {
      int port = freePort();
      servers.update(List.of(new HealthCheck(WEB, port, 2)));
      var well = get(port);
      assertThat(well.statusCode()).isEqualTo(200);
      assertThat(well.headers().firstValue("X-Load-Balancing-Endpoint-Weight")).contains("2");
      assertThat(well.body())
          .contains("\"namespace\": \"shop\"", "\"name\": \"web\"", "\"localEndpoints\": 2");
      servers.update(List.of(new HealthCheck(WEB, port, 0)));
      assertThat(get(port).statusCode()).isEqualTo(503);
      servers.update(List.of(new HealthCheck(WEB, port, 1)));
      healthy.set(false);
      assertThat(get(port).statusCode()).as("services are not in the kernel").isEqualTo(503);
      servers.update(List.of());
      assertThatThrownBy(() -> get(port)).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aPortThatAnotherHasIsToldAndOpenedLater() throws IOException, InterruptedException {
    try (servers) {
      int port;
      try (var other = new ServerSocket(0)) {
        port = other.getLocalPort();
        servers.update(List.of(new HealthCheck(WEB, port, 1)));
        assertThat(servers.failures())
            .singleElement()
            .asString()
            .startsWith("the health check port " + port + " of service shop/web cannot be opened");
      }
      servers.update(List.of(new HealthCheck(WEB, port, 1)));
      assertThat(servers.failures()).isEmpty();
      assertThat(get(port).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void healthzAnswersAsKubeProxyDoes() throws IOException, InterruptedException {
    try (servers) {
      int port = freePort();
      servers.serveHealthz(new Listen(IpAddress.parse("127.0.0.1"), port));
      assertThat(get(port).statusCode()).isEqualTo(200);
      assertThat(get(port).body()).contains("lastUpdated", "currentTime", "nodeEligible");
      healthy.set(false);
      assertThat(get(port).statusCode()).isEqualTo(503);
    }
  }
}
