// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Kubernetes-shaped resources in etcd, as maps of what YAML holds. Equivalent to kubectl apply,
 * delete and get against an API server, without validation.
 */
public final class Resources {
  private final Etcd etcd;

  /** On a connection that somebody else closes. */
  public Resources(Etcd etcd) {
    this.etcd = etcd;
  }

  /** What {@link #apply} did. */
  public enum Applied {
    CREATED,
    CONFIGURED,
    UNCHANGED
  }

  /**
   * Writes the resource; a status, and a CiliumNode's CIDRs, stay when the resource says nothing of
   * them.
   */
  public Applied apply(Map<String, ?> resource) {
    ObjectNode wanted = Json.fromMap(resource);
    String key = key(wanted);
    while (true) {
      Optional<KeyValue> current = etcd.get(key);
      ObjectNode next = wanted.deepCopy();
      if (current.isPresent()) {
        ObjectNode before = Json.parse(current.get().value());
        keep(before, next);
        if (before.equals(next)) {
          return Applied.UNCHANGED;
        }
      }
      long revision = current.map(KeyValue::modRevision).orElse(0L);
      if (etcd.commit(
          List.of(new Condition.UnchangedSince(key, revision)),
          List.of(new Write.Put(key, Json.write(next), 0)))) {
        return current.isPresent() ? Applied.CONFIGURED : Applied.CREATED;
      }
    }
  }

  private static void keep(ObjectNode before, ObjectNode next) {
    if (!next.has("status") && before.has("status")) {
      next.set("status", before.get("status"));
    }
    if (next.path("kind").asText().equals("CiliumNode")
        && next.path("spec").isObject()
        && !next.path("spec").has("ipam")
        && before.path("spec").has("ipam")) {
      next.withObject("spec").set("ipam", before.path("spec").get("ipam"));
    }
  }

  /** Removes the resource with the same kind, namespace and name; false when there is none. */
  public boolean delete(Map<String, ?> resource) {
    return etcd.delete(key(Json.fromMap(resource)));
  }

  /** Removes a resource; the namespace of cluster-wide kinds is not looked at. */
  public boolean delete(ResourceKind kind, String namespace, String name) {
    return etcd.delete(key(kind, namespace, name));
  }

  /** Reads one resource. */
  public Optional<Map<String, Object>> get(ResourceKind kind, String namespace, String name) {
    return etcd.get(key(kind, namespace, name)).map(entry -> Json.toMap(Json.parse(entry.value())));
  }

  /** Reads all resources of a kind, sorted by namespace and name. */
  public List<Map<String, Object>> list(ResourceKind kind) {
    return etcd.list(kind.prefix()).entries().stream()
        .map(entry -> Json.toMap(Json.parse(entry.value())))
        .toList();
  }

  private static String key(ObjectNode resource) {
    ResourceKind kind =
        ResourceKind.of(Json.text(resource, "apiVersion"), Json.text(resource, "kind"));
    ObjectNode metadata = resource.withObject("metadata");
    String name = Json.text(metadata, "name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException(Json.text(resource, "kind") + " has no metadata.name");
    }
    if (kind.namespaced() && Json.text(metadata, "namespace").isEmpty()) {
      metadata.put("namespace", "default");
    }
    return key(kind, Json.text(metadata, "namespace"), name);
  }

  private static String key(ResourceKind kind, String namespace, String name) {
    String scope = kind.namespaced() ? namespace.isEmpty() ? "default" : namespace : "_";
    if (name.contains("/") || scope.contains("/")) {
      throw new IllegalArgumentException("\"" + scope + "/" + name + "\" is no name");
    }
    return kind.prefix() + scope + "/" + name;
  }
}
