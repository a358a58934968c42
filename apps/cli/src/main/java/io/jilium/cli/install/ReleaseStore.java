// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.verb.VerbException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The revisions of a release, each a Secret {@code sh.helm.release.v1.NAME.vREVISION} with the
 * release as JSON, compressed by gzip, encoded by base64: the driver "secret" of Helm 3, whose own
 * commands read what is written here.
 */
final class ReleaseStore {
  private static final String TYPE = "helm.sh/release.v1";
  private static final JsonMapper JSON = new JsonMapper();

  private final KubernetesClient client;
  private final String namespace;
  private final String name;

  ReleaseStore(KubernetesClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  /** All revisions, the newest first. */
  List<Release> history() {
    return client
        .secrets()
        .inNamespace(namespace)
        .withLabels(Map.of("owner", "helm", "name", name))
        .list()
        .getItems()
        .stream()
        .map(this::read)
        .sorted(Comparator.comparingInt(Release::revision).reversed())
        .toList();
  }

  /** The newest revision. */
  Optional<Release> last() {
    return history().stream().findFirst();
  }

  /** Adds a revision or replaces what is known of it. */
  void put(Release release) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(secretName(release.revision()))
            .withNamespace(namespace)
            .addToLabels("name", name)
            .addToLabels("owner", "helm")
            .addToLabels("status", release.status())
            .addToLabels("version", Integer.toString(release.revision()))
            .addToLabels("modifiedAt", Long.toString(Instant.now().getEpochSecond()))
            .endMetadata()
            .withType(TYPE)
            .addToData("release", encode(json(release)))
            .build();
    var resource = client.secrets().inNamespace(namespace).resource(secret);
    if (resource.get() == null) {
      resource.create();
    } else {
      resource.update();
    }
  }

  /** Keeps the newest revisions; 0 keeps all. */
  void prune(int kept) {
    if (kept > 0) {
      history().stream().skip(kept).forEach(release -> forget(release.revision()));
    }
  }

  /** Forgets a revision. */
  void forget(int revision) {
    client.secrets().inNamespace(namespace).withName(secretName(revision)).delete();
  }

  private String secretName(int revision) {
    return "sh.helm.release.v1.%s.v%d".formatted(name, revision);
  }

  private Release read(Secret secret) {
    String data =
        Optional.ofNullable(secret.getData())
            .map(map -> map.get("release"))
            .orElseThrow(() -> damaged(secret, null));
    try {
      Map<String, @Nullable Object> json = Trees.map(JSON.readValue(decode(data), Map.class));
      return new Release(
          name,
          namespace,
          json.get("version") instanceof Number number ? number.intValue() : 0,
          Trees.map(json.get("chart")),
          json.get("config") == null ? Map.of() : Trees.map(json.get("config")),
          Trees.text(json, "manifest"),
          Trees.text(json, "info", "notes"),
          Trees.text(json, "info", "status"),
          Trees.text(json, "info", "description"),
          Trees.text(json, "info", "first_deployed"),
          Trees.text(json, "info", "last_deployed"));
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(secret, e);
    }
  }

  private static VerbException damaged(Secret secret, @Nullable Exception e) {
    String message =
        "the release in Secret %s cannot be read: delete it to forget this revision"
            .formatted(secret.getMetadata().getName());
    return e == null ? new VerbException(message) : new VerbException(message, e);
  }

  private static String json(Release release) {
    var info = new LinkedHashMap<String, @Nullable Object>();
    info.put("first_deployed", release.firstDeployed());
    info.put("last_deployed", release.lastDeployed());
    info.put("deleted", "");
    info.put("description", release.description());
    info.put("status", release.status());
    info.put("notes", release.notes());
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("name", release.name());
    json.put("info", info);
    json.put("chart", release.chart());
    json.put("config", release.config());
    json.put("manifest", release.manifest());
    json.put("version", release.revision());
    json.put("namespace", release.namespace());
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A chart as Helm keeps it in a release. */
  static Map<String, @Nullable Object> stored(Chart chart) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("metadata", chart.metadata());
    json.put("lock", null);
    json.put(
        "templates",
        chart.templates().entrySet().stream()
            .map(file -> Map.of("name", file.getKey(), "data", base64(file.getValue())))
            .toList());
    json.put("values", chart.values());
    json.put(
        "schema",
        chart.files().containsKey("values.schema.json")
            ? base64(chart.files().getOrDefault("values.schema.json", ""))
            : null);
    json.put("files", null);
    return json;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Twice base64: once Helm's, once that of every Secret. */
  private static String encode(String json) {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    byte[] inner = Base64.getEncoder().encode(packed.toByteArray());
    return Base64.getEncoder().encodeToString(inner);
  }

  private static byte[] decode(String data) throws IOException {
    byte[] packed = Base64.getDecoder().decode(Base64.getDecoder().decode(data));
    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return gzip.readAllBytes();
    }
  }
}
