// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.jilium.cli.verb.VerbException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Objects of a release in the cluster. */
final class Objects {
  /** Whose fields they are. */
  static final String FIELD_MANAGER = "jilium";

  private static final int FORBIDDEN = 403;

  private final KubernetesClient client;
  private final String release;
  private final String namespace;

  Objects(KubernetesClient client, String release, String namespace) {
    this.client = client;
    this.release = release;
    this.namespace = namespace;
  }

  /** Which object something is. */
  record Id(String group, String kind, String namespace, String name) {
    static Id of(Map<String, @Nullable Object> object) {
      return new Id(
          Trees.text(object, "apiVersion").replaceFirst("/?[^/]*$", ""),
          Trees.text(object, "kind"),
          Trees.text(object, "metadata", "namespace"),
          Trees.text(object, "metadata", "name"));
    }

    @Override
    public String toString() {
      return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
    }
  }

  /**
   * Makes the object be as described, by server-side apply; marks it as Helm does, so that Helm
   * takes it for its own.
   */
  void apply(Map<String, @Nullable Object> object) {
    var marked = Trees.map(object);
    Trees.put(marked, "metadata.labels", labels(marked));
    var annotations = section(marked, "annotations");
    annotations.put("meta.helm.sh/release-name", release);
    annotations.put("meta.helm.sh/release-namespace", namespace);
    Trees.put(marked, "metadata.annotations", annotations);
    try {
      client
          .resource(generic(marked))
          .fieldManager(FIELD_MANAGER)
          .forceConflicts()
          .serverSideApply();
    } catch (KubernetesClientException e) {
      String said = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
      throw new VerbException(
          "%s cannot be applied: %s%s"
              .formatted(
                  Id.of(object),
                  said,
                  e.getCode() == FORBIDDEN ? "; act as a cluster administrator" : ""),
          e);
    }
  }

  private static Map<String, @Nullable Object> labels(Map<String, @Nullable Object> object) {
    var labels = section(object, "labels");
    labels.put("app.kubernetes.io/managed-by", "Helm");
    return labels;
  }

  private static Map<String, @Nullable Object> section(
      Map<String, @Nullable Object> object, String name) {
    return Trees.at(object, "metadata", name)
        .<Map<String, @Nullable Object>>map(Trees::map)
        .orElseGet(LinkedHashMap::new);
  }

  /** Deletes the object, if it is there. */
  void delete(Map<String, @Nullable Object> object) {
    try {
      client.resource(generic(object)).delete();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) { // the kind itself may be gone
        throw e;
      }
    }
  }

  /** Deletes what an earlier manifest has and a later one has not. */
  void prune(List<Map<String, @Nullable Object>> before, List<Map<String, @Nullable Object>> now) {
    Set<Id> kept = now.stream().map(Id::of).collect(Collectors.toSet());
    for (Map<String, @Nullable Object> object : before.reversed()) {
      if (!kept.contains(Id.of(object))) {
        delete(object);
      }
    }
  }

  /** Whether the object is there, even if its end has come. */
  boolean exists(Map<String, @Nullable Object> object) {
    return client.resource(generic(object)).get() != null;
  }

  private GenericKubernetesResource generic(Map<String, @Nullable Object> object) {
    return client
        .getKubernetesSerialization()
        .convertValue(object, GenericKubernetesResource.class);
  }

  /** Replaces all pods, a few at a time. */
  void roll() {
    String patch =
        """
        {"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"%s"}}}}}
        """
            .formatted(Instant.now());
    var merge = PatchContext.of(PatchType.STRATEGIC_MERGE);
    var agents = client.apps().daemonSets().inNamespace(namespace).withName("jilium");
    if (agents.get() != null) {
      agents.patch(merge, patch);
    }
    var operators = client.apps().deployments().inNamespace(namespace).withName("jilium-operator");
    if (operators.get() != null) {
      operators.patch(merge, patch);
    }
  }

  /** How far agents and operators are. */
  Progress progress() {
    DaemonSet agents = client.apps().daemonSets().inNamespace(namespace).withName("jilium").get();
    Deployment operators =
        client.apps().deployments().inNamespace(namespace).withName("jilium-operator").get();
    return Progress.of(agents, operators);
  }
}
