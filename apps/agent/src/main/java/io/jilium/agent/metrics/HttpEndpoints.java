// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.jilium.agent.state.AgentState;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the agent serves over HTTP: metrics to everybody, and its health to this machine. */
public final class HttpEndpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoints.class);
  private static final int BACKLOG = 16;

  private final List<HttpServer> servers = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Serves {@code /metrics} on all addresses.
   *
   * @throws UncheckedIOException naming the port when it is taken
   */
  public void serveMetrics(int port, AgentMetrics metrics) {
    var writer = PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();
    serve(
        new InetSocketAddress(port),
        "/metrics",
        exchange -> {
          var body = new ByteArrayOutputStream();
          writer.write(body, metrics.read());
          exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
          answer(exchange, 200, body.toByteArray());
        });
  }

  /** Serves {@code /healthz} on 127.0.0.1: 200 when the agent is ready, else 503 and the reason. */
  public void serveHealth(int port, AgentState state) {
    serve(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        "/healthz",
        exchange -> {
          String waiting = state.waitingFor();
          answer(
              exchange,
              waiting.isEmpty() ? 200 : 503,
              ((waiting.isEmpty() ? "ok" : waiting) + "\n").getBytes(StandardCharsets.UTF_8));
        });
  }

  private void serve(InetSocketAddress address, String path, HttpHandler handler) {
    try {
      HttpServer server = HttpServer.create(address, BACKLOG);
      server.createContext("/", exchange -> route(exchange, path, handler));
      server.setExecutor(threads);
      server.start();
      servers.add(server);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "serve %s on port %d: %s".formatted(path, address.getPort(), e.getMessage()), e);
    }
  }

  private static void route(HttpExchange exchange, String path, HttpHandler handler)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        answer(
            exchange, 404, ("nothing here; see " + path + "\n").getBytes(StandardCharsets.UTF_8));
      } else if (!exchange.getRequestMethod().equals("GET")
          && !exchange.getRequestMethod().equals("HEAD")) {
        answer(exchange, 405, new byte[0]);
      } else {
        handler.handle(exchange);
      }
    } catch (RuntimeException e) {
      LOG.warn("{} failed", path, e);
      answer(exchange, 500, "the agent failed; see its log\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void answer(HttpExchange exchange, int code, byte[] body) throws IOException {
    boolean empty = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(code, empty ? -1 : body.length);
    if (!empty) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    threads.close();
  }
}
