// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

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

  private final OkHttpClient http;
  private final String base;
  private final String userAgent;
  private final Supplier<String> token;
  private final String manager;

  private KubeApi(
      OkHttpClient http, String base, String userAgent, Supplier<String> token, String manager) {
    this.http = http;
    this.base = base;
    this.userAgent = userAgent;
    this.token = token;
    this.manager = manager;
  }

  /**
   * Nothing is sent before the first request.
   *
   * @param userAgent {@code jilium-agent/VERSION}
   * @throws IllegalArgumentException saying what is missing
   */
  public static KubeApi open(KubeAccess access, String userAgent) {
    var config = KubeConnection.config(access, userAgent, System.getenv());
    return new KubeApi(
        KubeConnection.http(config),
        config.getMasterUrl().replaceAll("/+$", ""),
        userAgent,
        KubeConnection.token(config),
        FIELD_MANAGER);
  }

  /** The same connection, for another owner of the fields that are written. */
  public KubeApi as(String fieldManager) {
    return new KubeApi(http, base, userAgent, token, fieldManager);
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
    return exchange("GET", path, "", null, patience);
  }

  /** Makes an object; path is that of its kind. */
  public JsonNode create(String path, ObjectNode object) {
    return write("POST", path, "", "application/json", object, PATIENCE);
  }

  /**
   * Makes the fields of an object that this process writes be exactly these; the object is made if
   * it is not there, and fields of others stay.
   */
  public JsonNode apply(String path, ObjectNode object) {
    return write("PATCH", path, "&force=true", "application/apply-patch+yaml", object, PATIENCE);
  }

  /**
   * Changes fields of an object (RFC 7396); with metadata.resourceVersion in the patch only if it
   * is still in that version.
   */
  public JsonNode merge(String path, ObjectNode patch) {
    return write("PATCH", path, "", "application/merge-patch+json", patch, PATIENCE);
  }

  /** Changes fields of an object of Kubernetes' own, whose lists have keys. */
  public JsonNode strategicMerge(String path, ObjectNode patch) {
    return write("PATCH", path, "", "application/strategic-merge-patch+json", patch, PATIENCE);
  }

  /** Writes an object as a whole, if it is still in the version that it says. */
  public JsonNode replace(String path, ObjectNode object, Duration patience) {
    return write("PUT", path, "", "application/json", object, patience);
  }

  /** Removes an object if it is still in the given version; empty: in any. */
  public void delete(String path, String resourceVersion) {
    var options = JSON.createObjectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    if (!resourceVersion.isEmpty()) {
      options.putObject("preconditions").put("resourceVersion", resourceVersion);
    }
    var _ = exchange("DELETE", path, "", body("application/json", options), PATIENCE);
  }

  /**
   * An answer that is read as it comes: a list or a watch. Reading fails when nothing came for too
   * long, for nobody tells that a far end is gone.
   */
  public static final class Stream implements AutoCloseable {
    private final Call call;
    private final Response response;

    private Stream(Call call, Response response) {
      this.call = call;
      this.response = response;
    }

    /** The body. */
    public InputStream body() {
      return content(response).byteStream();
    }

    /** Ends it from another thread: who reads gets an {@link IOException}. */
    void cut() {
      call.cancel();
    }

    @Override
    public void close() {
      response.close();
    }
  }

  /**
   * The caller closes it.
   *
   * @param silence how long nothing may come
   */
  public Stream stream(String path, Duration silence) {
    var call =
        http.newBuilder().readTimeout(silence).build().newCall(request("GET", path, null).build());
    try {
      var response = call.execute();
      if (response.isSuccessful()) {
        return new Stream(call, response);
      }
      try (response) {
        throw KubeException.refused(
            "GET " + path, response.code(), tree(content(response).bytes()));
      }
    } catch (IOException e) {
      throw KubeException.away("GET " + path + ": " + text(e), e);
    }
  }

  private JsonNode write(
      String verb, String path, String query, String type, ObjectNode object, Duration patience) {
    return exchange(verb, path, "?fieldManager=" + manager + query, body(type, object), patience);
  }

  private JsonNode exchange(
      String verb, String path, String query, @Nullable RequestBody body, Duration patience) {
    var what = verb + " " + path;
    var call = http.newCall(request(verb, path + query, body).build());
    var _ = call.timeout().timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    try (var response = call.execute()) {
      var answer = tree(content(response).bytes());
      if (!response.isSuccessful()) {
        throw KubeException.refused(what, response.code(), answer);
      }
      return answer;
    } catch (InterruptedIOException e) {
      throw KubeException.away(
          what
              + (Thread.currentThread().isInterrupted()
                  ? ": interrupted"
                  : ": no answer within " + patience.toMillis() + " ms"),
          e);
    } catch (IOException e) {
      throw KubeException.away(what + ": " + text(e), e);
    }
  }

  private Request.Builder request(String verb, String pathAndQuery, @Nullable RequestBody body) {
    var request =
        new Request.Builder()
            .url(base + pathAndQuery)
            .method(verb, body)
            .header("User-Agent", userAgent)
            .header("Accept", "application/json")
            // Both ends would pay for packing what crosses one network.
            .header("Accept-Encoding", "identity");
    var bearer = token.get();
    return bearer.isEmpty() ? request : request.header("Authorization", "Bearer " + bearer);
  }

  /** An executed call's answer always has a body (OkHttp's documentation). */
  private static ResponseBody content(Response response) {
    return Objects.requireNonNull(response.body());
  }

  /** Sent once: if its answer is lost it may have been carried out, and whoever wrote decides. */
  private static RequestBody body(String type, ObjectNode object) {
    byte[] bytes = object.toString().getBytes(StandardCharsets.UTF_8);
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return MediaType.get(type);
      }

      @Override
      public long contentLength() {
        return bytes.length;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        var _ = sink.write(bytes);
      }

      @Override
      public boolean isOneShot() {
        return true;
      }
    };
  }

  /** Some exceptions have no message. */
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
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
