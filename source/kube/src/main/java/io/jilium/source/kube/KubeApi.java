// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests to the API server, blocking, with JSON trees instead of typed objects: what is read is
 * trimmed at once, and what is written is small. Every failure is a {@link KubeException}. Any
 * thread.
 */
public final class KubeApi implements AutoCloseable {
  /** Who owns the fields that agents write (server-side apply). */
  static final String FIELD_MANAGER = "jilium-agent";

  /** Reads and makes trees. */
  public static final ObjectMapper JSON = new JsonMapper();

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration STREAM_PATIENCE = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final HttpClient http;
  private final String base;
  private final String manager;

  private KubeApi(KubernetesClient client, String manager) {
    this.client = client;
    this.manager = manager;
    this.http = client.getHttpClient();
    this.base = client.getMasterUrl().toString().replaceAll("/+$", "");
  }

  /** Takes the client over: closing this closes it. */
  public static KubeApi of(KubernetesClient client) {
    return new KubeApi(client, FIELD_MANAGER);
  }

  /**
   * Nothing is sent before the first request.
   *
   * @param userAgent {@code jilium-agent/VERSION}
   * @throws IllegalArgumentException saying what is missing
   */
  public static KubeApi open(KubeAccess access, String userAgent) {
    return of(KubeConnection.open(access, userAgent));
  }

  /** The same connection, for another owner of the fields that are written. */
  public KubeApi as(String fieldManager) {
    return new KubeApi(client, fieldManager);
  }

  /** Where the server is. */
  public String url() {
    return base;
  }

  /** One object or list. */
  public JsonNode get(String path) {
    return get(path, PATIENCE);
  }

  /** One object or list, soon. */
  public JsonNode get(String path, Duration patience) {
    return exchange("GET", path, http.newHttpRequestBuilder().uri(base + path), patience);
  }

  /** Makes an object; path is that of its kind. */
  public JsonNode create(String path, ObjectNode object) {
    var request =
        http.newHttpRequestBuilder()
            .uri(base + path + "?fieldManager=" + manager)
            .post("application/json", object.toString());
    return exchange("POST", path, request, PATIENCE);
  }

  /**
   * Makes the fields of an object that this process writes be exactly these; the object is made if
   * it is not there, and fields of others stay.
   */
  public JsonNode apply(String path, ObjectNode object) {
    var request =
        http.newHttpRequestBuilder()
            .uri(base + path + "?fieldManager=" + manager + "&force=true")
            .method("PATCH", "application/apply-patch+yaml", object.toString());
    return exchange("PATCH", path, request, PATIENCE);
  }

  /**
   * Changes fields of an object (RFC 7396); with metadata.resourceVersion in the patch only if it
   * is still in that version.
   */
  public JsonNode merge(String path, ObjectNode patch) {
    return patch(path, "application/merge-patch+json", patch);
  }

  /** Changes fields of an object of Kubernetes' own, whose lists have keys. */
  public JsonNode strategicMerge(String path, ObjectNode patch) {
    return patch(path, "application/strategic-merge-patch+json", patch);
  }

  private JsonNode patch(String path, String type, ObjectNode patch) {
    var request =
        http.newHttpRequestBuilder()
            .uri(base + path + "?fieldManager=" + manager)
            .method("PATCH", type, patch.toString());
    return exchange("PATCH", path, request, PATIENCE);
  }

  /** Writes an object as a whole, if it is still in the version that it says. */
  public JsonNode replace(String path, ObjectNode object, Duration patience) {
    var request =
        http.newHttpRequestBuilder()
            .uri(base + path + "?fieldManager=" + manager)
            .method("PUT", "application/json", object.toString());
    return exchange("PUT", path, request, patience);
  }

  /** Removes an object if it is still in the given version; empty: in any. */
  public void delete(String path, String resourceVersion) {
    var options = JSON.createObjectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    if (!resourceVersion.isEmpty()) {
      options.putObject("preconditions").put("resourceVersion", resourceVersion);
    }
    var request =
        http.newHttpRequestBuilder()
            .uri(base + path)
            .method("DELETE", "application/json", options.toString());
    var _ = exchange("DELETE", path, request, PATIENCE);
  }

  /** The body as it comes, for lists and watches. The caller closes it. */
  public InputStream stream(String path) {
    var request =
        http.newHttpRequestBuilder()
            .uri(base + path)
            .setHeader("Accept", "application/json")
            .forStreaming()
            .build();
    var response =
        await("GET " + path, http.sendAsync(request, InputStream.class), STREAM_PATIENCE);
    if (response.isSuccessful()) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      throw KubeException.refused("GET " + path, response.code(), tree(body.readAllBytes()));
    } catch (IOException e) {
      throw KubeException.away("GET " + path + ": " + text(e), e);
    }
  }

  private JsonNode exchange(
      String verb, String path, HttpRequest.Builder builder, Duration patience) {
    var request =
        builder
            .setHeader("Accept", "application/json")
            .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    var what = verb + " " + path;
    var response = await(what, http.sendAsync(request, byte[].class), patience);
    var body = tree(response.body());
    if (!response.isSuccessful()) {
      throw KubeException.refused(what, response.code(), body);
    }
    return body;
  }

  private static <T> HttpResponse<T> await(
      String what, CompletableFuture<HttpResponse<T>> answer, Duration patience) {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      throw KubeException.away(what + ": " + text(cause), cause);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw KubeException.away(what + ": no answer within " + patience.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw KubeException.away(what + ": interrupted", e);
    }
  }

  /** Some exceptions of the JDK's client have no message. */
  private static String text(Throwable e) {
    Throwable root = e;
    while (root.getMessage() == null && root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** What is not JSON comes from a proxy in between; then the code tells. */
  private static JsonNode tree(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException _) {
      return JSON.missingNode();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
