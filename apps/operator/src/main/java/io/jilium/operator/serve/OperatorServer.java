// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Answers /healthz and, if wanted, /metrics. */
public final class OperatorServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Not yet started.
   *
   * @throws UncheckedIOException when the port is not free
   */
  public OperatorServer(InetSocketAddress address) {
    try {
      server = HttpServer.create(address, 16);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "listen on " + address.getHostString() + ":" + address.getPort(), e);
    }
    server.setExecutor(requests);
  }

  /** Answers /healthz: well or, in one sentence, not. */
  public void healthz(BooleanSupplier healthy, String otherwise) {
    server.createContext(
        "/healthz",
        exchange -> {
          boolean well = healthy.getAsBoolean();
          answer(exchange, well ? 200 : 503, well ? "ok\n" : otherwise + "\n");
        });
  }

  private static void answer(HttpExchange exchange, int code, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(code, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Answers from now on; /metrics too, if the settings want it. */
  public void start(OperatorConfig config, OperatorMetrics metrics, BooleanSupplier leading) {
    if (config.settings().operator().metrics().enabled()) {
      server.createContext(
          "/metrics",
          exchange -> {
            metrics.leader(config.name(), leading.getAsBoolean());
            answer(exchange, 200, metrics.text());
          });
    }
    server.start();
  }

  /** The port it got. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    requests.close();
  }
}
