// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.agent.api.FakeState;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Metrics and healthz over HTTP. */
final class HttpEndpointsTest {
  private final FakeState state = new FakeState();

  private record Answer(int code, String body) {}

  @Test
  void servesMetricsUnderCiliumsNames() throws IOException {
    int port = freePort();
    try (var http = new HttpEndpoints()) {
      http.serveMetrics(port, new AgentMetrics(state, Optional::empty, Optional::empty));
      var answer = get(port, "/metrics");
      assertThat(answer.code()).isEqualTo(200);
      assertThat(answer.body())
          .contains("# TYPE cilium_endpoint_state gauge\n")
          .contains("cilium_endpoint_state{endpoint_state=\"ready\"} 2.0\n")
          .contains("cilium_ip_addresses{family=\"ipv4\"} 1.0\n")
          .contains("cilium_ipam_capacity{family=\"ipv4\"} 254.0\n")
          .contains("cilium_identity{type=\"cluster_local\"} 1.0\n")
          .contains("cilium_unreachable_nodes 1.0\n")
          .contains("cilium_controllers_failing 1.0\n")
          .contains("process_cpu_seconds_total ")
          .contains("jvm_memory_used_bytes{area=\"heap\"} ");
      assertThat(get(port, "/other").code()).isEqualTo(404);
    }
  }

  @Test
  void healthzFollowsTheAgent() throws IOException {
    int port = freePort();
    try (var http = new HttpEndpoints()) {
      http.serveHealth(port, state);
      assertThat(get(port, "/healthz")).isEqualTo(new Answer(200, "ok\n"));
      state.waitingFor("waits for a pod CIDR");
      assertThat(get(port, "/healthz")).isEqualTo(new Answer(503, "waits for a pod CIDR\n"));
    }
  }

  @Test
  void saysWhichPortIsTaken() throws IOException {
    try (var taken = new ServerSocket(0);
        var http = new HttpEndpoints()) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() ->
              http.serveMetrics(port, new AgentMetrics(state, Optional::empty, Optional::empty)))
          .hasMessage("serve /metrics on port " + port + ": Address already in use");
    }
  }

  private static Answer get(int port, String path) throws IOException {
    var connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    int code = connection.getResponseCode();
    try (var body = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(code, new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
