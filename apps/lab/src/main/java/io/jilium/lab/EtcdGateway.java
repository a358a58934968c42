// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * etcd's HTTP gateway (/v3/kv/…), called from inside the lab's underlay. A few requests of a short
 * command: an HTTP connection opened on a thread in the namespace is all that is needed.
 */
public final class EtcdGateway implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TIMEOUT_MILLIS = 5000;

  private final Netns underlay;

  /**
   * @param lab its name, as `--name` gives it
   */
  public EtcdGateway(String lab) {
    this(new LabName(lab));
  }

  EtcdGateway(LabName name) {
    var path = name.namespace(LabNetwork.UNDERLAY);
    if (!Netns.exists(path)) {
      throw new LabException(
          "the lab's network is gone: ./jilium lab up completes a half-dead lab");
    }
    this.underlay = Netns.open(path);
  }

  Optional<String> get(String key) {
    var answer = call("range", Map.of("key", encode(key)));
    var values = answer.path("kvs");
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(decode(values.get(0).path("value").asText()));
  }

  /** Keys and values below a prefix, sorted by key. */
  Map<String, String> list(String prefix) {
    // The end of the range: the prefix with its last character, a slash, raised by one.
    String end = prefix.substring(0, prefix.length() - 1) + (char) ('/' + 1);
    var found = new LinkedHashMap<String, String>();
    for (var item :
        call("range", Map.of("key", encode(prefix), "range_end", encode(end))).path("kvs")) {
      found.put(decode(item.path("key").asText()), decode(item.path("value").asText()));
    }
    return found;
  }

  public void put(String key, String value) {
    call("put", pair(key, value));
  }

  /** All in one transaction, of which etcd takes 128 operations at most. */
  public void putAll(Map<String, String> values) {
    var operations = new ArrayList<Map<String, Object>>();
    values.forEach((key, value) -> operations.add(Map.of("requestPut", pair(key, value))));
    call("txn", Map.of("success", operations));
  }

  private static Map<String, String> pair(String key, String value) {
    return Map.of("key", encode(key), "value", encode(value));
  }

  /** Whether there was such a key. */
  boolean delete(String key) {
    return call("deleterange", Map.of("key", encode(key))).path("deleted").asInt() > 0;
  }

  @Override
  public void close() {
    underlay.close();
  }

  private JsonNode call(String method, Map<String, ?> request) {
    return underlay.run(() -> {
      try {
        var connection =
            (HttpURLConnection)
                URI.create(Addresses.etcdUrl() + "/v3/kv/" + method).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setDoOutput(true);
        // Without it an idle connection would be reused by a thread of another namespace.
        connection.setRequestProperty("Connection", "close");
        try (var out = connection.getOutputStream()) {
          JSON.writeValue(out, request);
        }
        try (var in = connection.getInputStream()) {
          return JSON.readTree(in);
        }
      } catch (IOException e) {
        throw new LabException(
            "etcd at %s does not answer: %s".formatted(Addresses.etcdUrl(), e.getMessage()), e);
      }
    });
  }

  private static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
