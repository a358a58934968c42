// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * One Kubernetes resource as a user wrote it.
 *
 * @param namespace empty for a kind without namespaces
 */
record Manifest(Kind kind, String namespace, String name, Map<String, Object> content) {
  /** What the lab's store takes; what nothing acts on is refused rather than stored for nothing. */
  enum Kind {
    Namespace("v1", "namespaces", false),
    Node("v1", "nodes", false),
    Pod("v1", "pods", true),
    Service("v1", "services", true),
    EndpointSlice("discovery.k8s.io/v1", "endpointslices.discovery.k8s.io", true);

    private final String apiVersion;
    private final String resource;
    private final boolean namespaced;

    Kind(String apiVersion, String resource, boolean namespaced) {
      this.apiVersion = apiVersion;
      this.resource = resource;
      this.namespaced = namespaced;
    }

    /** Plural name, with the group for a kind that has one, as in the store's key. */
    String resource() {
      return resource;
    }

    boolean namespaced() {
      return namespaced;
    }
  }

  /**
   * @param file a path, or - for standard input
   */
  static List<Manifest> read(String file) {
    try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
    } catch (IOException e) {
      throw new LabException("can't read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Several documents may follow each other.
   *
   * @param where they come from, for errors
   */
  static List<Manifest> parse(String yaml, String where) {
    var manifests = new ArrayList<Manifest>();
    try {
      int document = 0;
      for (Object content : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
        document++;
        if (content != null) {
          manifests.add(of(content, "%s: document %d".formatted(where, document)));
        }
      }
    } catch (YAMLException e) {
      throw new LabException("%s: %s".formatted(where, e.getMessage()), e);
    }
    return manifests;
  }

  private static Manifest of(Object document, String where) {
    if (!(document instanceof Map<?, ?> map)) {
      throw new LabException(where + ": a mapping with apiVersion, kind and metadata is expected");
    }
    @SuppressWarnings("unchecked") // YAML keys of a resource are strings
    var content = (Map<String, Object>) map;
    var kind = kind(content, where);
    if (!(content.get("metadata") instanceof Map<?, ?> metadata)
        || !(metadata.get("name") instanceof String name)) {
      throw new LabException(where + ": metadata.name is missing");
    }
    String namespace = "";
    if (kind.namespaced()) {
      namespace = metadata.get("namespace") instanceof String given ? given : "default";
    }
    return new Manifest(kind, namespace, name, content);
  }

  private static Kind kind(Map<String, Object> content, String where) {
    for (var kind : Kind.values()) {
      if (kind.name().equals(content.get("kind"))) {
        if (!kind.apiVersion.equals(content.get("apiVersion"))) {
          throw new LabException(
              "%s: apiVersion of %s must be %s, not %s"
                  .formatted(where, kind, kind.apiVersion, content.get("apiVersion")));
        }
        return kind;
      }
    }
    throw new LabException(
        "%s: kind %s is not supported here; supported are %s"
            .formatted(where, content.get("kind"), List.of(Kind.values())));
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(java.util.Locale.ROOT) + "/" + name;
  }
}
