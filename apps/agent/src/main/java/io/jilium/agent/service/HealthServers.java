// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.jilium.core.service.HealthCheck;
import io.jilium.core.settings.ServiceSettings.Listen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What load balancers in front of the cluster ask a node, answered as kube-proxy does: whether the
 * node balances services at all, and for each service whose external traffic stays on the node
 * whether it has endpoints there. {@link #update} is for the control thread.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/">
 *     Create an External Load Balancer</a>
 */
final class HealthServers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthServers.class);
  private static final int BACKLOG = 64;

  private final BooleanSupplier healthy;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Integer, HttpServer> servers = new HashMap<>();
  private final Map<Integer, HealthCheck> checks = new ConcurrentHashMap<>();
  private final Map<Integer, String> failures = new TreeMap<>();
  private final Map<Listen, HttpServer> healthz = new HashMap<>();
  private volatile Instant updated = Instant.now();

  /**
   * @param healthy whether the services of the cluster are in the kernel
   */
  HealthServers(BooleanSupplier healthy) {
    this.healthy = healthy;
  }

  /** Serves {@code /healthz} from now on; who cannot is told in the log, as for kube-proxy. */
  void serveHealthz(Listen listen) {
    try {
      var address = InetAddress.getByAddress(listen.address().bytes());
      healthz.put(listen, serve(new InetSocketAddress(address, listen.port()), this::healthz));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      LOG.warn(
          "kubeProxyReplacementHealthzBindAddr={}: {}; /healthz is not served",
          listen,
          e.getMessage());
    }
  }

  /** Opens and closes ports, and notes what is answered there. */
  void update(Collection<HealthCheck> wanted) {
    updated = Instant.now();
    var byPort = new HashMap<Integer, HealthCheck>();
    wanted.forEach(check -> byPort.put(check.port(), check));
    servers
        .entrySet()
        .removeIf(server -> {
          boolean gone = !byPort.containsKey(server.getKey());
          if (gone) {
            server.getValue().stop(0);
          }
          return gone;
        });
    checks.putAll(byPort);
    checks.keySet().retainAll(byPort.keySet());
    failures.keySet().retainAll(byPort.keySet());
    byPort.keySet().forEach(this::open);
  }

  private void open(int port) {
    if (servers.containsKey(port)) {
      return;
    }
    try {
      servers.put(port, serve(new InetSocketAddress(port), exchange -> check(exchange, port)));
      failures.remove(port);
    } catch (IOException e) {
      var service = checks.get(port);
      failures.put(
          port,
          "the health check port %d of service %s cannot be opened: %s"
              .formatted(port, service == null ? "?" : service.service(), e.getMessage()));
    }
  }

  /** Why some ports are not open, a sentence each. */
  Collection<String> failures() {
    return failures.values();
  }

  private HttpServer serve(InetSocketAddress address, HttpHandler handler) throws IOException {
    var server = HttpServer.create(address, BACKLOG);
    server.createContext("/", handler);
    server.setExecutor(threads);
    server.start();
    return server;
  }

  private void check(HttpExchange exchange, int port) throws IOException {
    var check = checks.get(port);
    int local = check == null ? 0 : check.localEndpoints();
    boolean well = healthy.getAsBoolean();
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("X-Load-Balancing-Endpoint-Weight", Integer.toString(local));
    answer(
        exchange,
        local > 0 && well,
        """
        {"service": {"namespace": "%s", "name": "%s"}, "localEndpoints": %d, "serviceProxyHealthy": %s}
        """
            .formatted(
                check == null ? "" : check.service().namespace(),
                check == null ? "" : check.service().name(),
                local,
                well));
  }

  private void healthz(HttpExchange exchange) throws IOException {
    boolean well = healthy.getAsBoolean();
    var now = Instant.now();
    answer(
        exchange,
        well,
        "{\"lastUpdated\": \"%s\", \"currentTime\": \"%s\", \"nodeEligible\": true}%n"
            .formatted(well ? now : updated, now));
  }

  private static void answer(HttpExchange exchange, boolean well, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(well ? 200 : 503, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    servers.values().forEach(server -> server.stop(0));
    healthz.values().forEach(server -> server.stop(0));
    threads.close();
  }
}
