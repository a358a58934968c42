// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What agent and operator talk to while their caches are trained: enough of an API server for one
 * node with {@value #PODS} pods. It keeps what is written as it came and tells whoever watches; it
 * checks nothing.
 */
public final class TrainingApi {
  /** Password of the key store; nobody but a training ever sees its key. */
  static final String PASSWORD = "training";

  static final int PODS = 30;

  private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");

  private final Map<String, Map<String, String>> objects = new LinkedHashMap<>();
  private final Map<String, List<BlockingQueue<String>>> watchers = new LinkedHashMap<>();
  private long version = 1;

  private TrainingApi() {}

  /** Serves until it is ended: port and key store are its arguments. */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    var keys = KeyStore.getInstance("PKCS12");
    try (var file = Files.newInputStream(Path.of(arguments[1]))) {
      keys.load(file, PASSWORD.toCharArray());
    }
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD.toCharArray());
    var tls = SSLContext.getInstance("TLS");
    tls.init(factory.getKeyManagers(), null, null);
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    var server =
        HttpsServer.create(new InetSocketAddress(loopback, Integer.parseInt(arguments[0])), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    var api = new TrainingApi();
    TrainingObjects.into(api::put);
    server.createContext("/", api::answer);
    server.start();
  }

  /**
   * Where a request goes.
   *
   * @param key {@code namespace/name}, or the name of what has no namespace; empty for all
   */
  private record Place(String resource, String namespace, String key) {
    static Place of(String path) {
      var words = List.of(path.substring(1).split("/"));
      words = words.subList(words.getFirst().equals("api") ? 2 : 3, words.size());
      boolean inNamespace = words.size() > 2 && words.getFirst().equals("namespaces");
      var namespace = inNamespace ? words.get(1) : "";
      words = inNamespace ? words.subList(2, words.size()) : words;
      var name = words.size() > 1 ? words.get(1) : "";
      return new Place(words.getFirst(), namespace, name.isEmpty() ? "" : join(namespace, name));
    }

    private static String join(String namespace, String name) {
      return namespace.isEmpty() ? name : namespace + "/" + name;
    }

    Place named(String body) {
      Matcher name = NAME.matcher(body);
      return new Place(resource, namespace, join(namespace, name.find() ? name.group(1) : "none"));
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      var query = String.valueOf(exchange.getRequestURI().getQuery());
      if (path.equals("/version")) {
        send(exchange, 200, "{\"major\":\"1\",\"minor\":\"35\",\"gitVersion\":\"v1.35.0\"}");
        return;
      }
      var place = Place.of(path);
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      switch (exchange.getRequestMethod()) {
        case "GET" -> {
          if (query.contains("watch=true")) {
            watch(exchange, place.resource());
          } else if (place.key().isEmpty()) {
            send(exchange, 200, list(place.resource()));
          } else {
            var object = get(place);
            send(exchange, object.isEmpty() ? 404 : 200, object.isEmpty() ? "{}" : object);
          }
        }
        case "POST" -> send(exchange, 201, write(place.named(body), body, true));
        case "DELETE" -> {
          remove(place);
          send(exchange, 200, "{\"kind\":\"Status\",\"status\":\"Success\"}");
        }
        default -> {
          var type = exchange.getRequestHeaders().getFirst("Content-Type");
          send(exchange, 200, write(place, body, !type.contains("merge")));
        }
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void watch(HttpExchange exchange, String resource) throws IOException {
    var events = new LinkedBlockingQueue<String>();
    synchronized (this) {
      watchers.computeIfAbsent(resource, _ -> new ArrayList<>()).add(events);
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      while (true) {
        out.write((events.take() + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        watchers.getOrDefault(resource, new ArrayList<>()).remove(events);
      }
    }
  }

  private synchronized String list(String resource) {
    return "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"%d\"},\"items\":[%s]}"
        .formatted(version, String.join(",", objects.getOrDefault(resource, Map.of()).values()));
  }

  private synchronized String get(Place place) {
    return objects.getOrDefault(place.resource(), Map.of()).getOrDefault(place.key(), "");
  }

  private void put(String resource, String key, String object) {
    var _ = write(new Place(resource, "", key), object, true);
  }

  /** What is not written as a whole stays as it was, but for its version. */
  private synchronized String write(Place place, String body, boolean whole) {
    var kept = objects.computeIfAbsent(place.resource(), _ -> new LinkedHashMap<>());
    var before = kept.get(place.key());
    var content = whole || before == null ? body : before;
    version++;
    var object =
        content.contains("\"resourceVersion\":\"")
            ? content.replaceFirst(
                "\"resourceVersion\":\"\\d*\"", "\"resourceVersion\":\"" + version + "\"")
            : content.replaceFirst(
                "\"metadata\": ?\\{",
                "\"metadata\":{\"uid\":\"u%1$d\",\"resourceVersion\":\"%1$d\",".formatted(version));
    kept.put(place.key(), object);
    tell(place.resource(), before == null ? "ADDED" : "MODIFIED", object);
    return object;
  }

  private synchronized void remove(Place place) {
    var gone = objects.getOrDefault(place.resource(), new LinkedHashMap<>()).remove(place.key());
    if (gone != null) {
      tell(place.resource(), "DELETED", gone);
    }
  }

  private void tell(String resource, String type, String object) {
    var event = "{\"type\":\"%s\",\"object\":%s}".formatted(type, object);
    watchers.getOrDefault(resource, List.of()).forEach(events -> events.add(event));
  }
}
