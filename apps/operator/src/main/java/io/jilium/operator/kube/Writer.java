// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.Troubles;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * All writes of the leader. None is sent once its term is over. One that is refused does not keep
 * the next from being tried; one that is not answered does.
 */
final class Writer {
  static final String FIELD_MANAGER = "jilium-operator";

  private final KubeApi api;
  private final Term term;
  private final Troubles troubles;
  private boolean failed;

  Writer(KubeApi api, Term term, Troubles troubles) {
    this.api = api.as(FIELD_MANAGER);
    this.term = term;
    this.troubles = troubles;
  }

  /** Whether a write failed since this was last asked, so that work has to be tried again. */
  boolean takeFailed() {
    boolean answer = failed;
    failed = false;
    return answer;
  }

  /** A patch that holds only while the object is in that version. */
  static ObjectNode patch(String version) {
    ObjectNode patch = KubeApi.JSON.createObjectNode();
    patch.putObject("metadata").put("resourceVersion", version);
    return patch;
  }

  /** Changes fields; the new object, or empty if that failed. */
  Optional<JsonNode> merge(Resource resource, String path, ObjectNode patch) {
    return attempt(resource, "patch", () -> api.merge(path, patch));
  }

  /** Changes fields of an object of Kubernetes' own. */
  Optional<JsonNode> strategicMerge(Resource resource, String path, ObjectNode patch) {
    return attempt(resource, "patch", () -> api.strategicMerge(path, patch));
  }

  /** Makes the operator's fields be these. */
  Optional<JsonNode> apply(Resource resource, String path, ObjectNode object) {
    return attempt(resource, "patch", () -> api.apply(path, object));
  }

  /** Makes an object. */
  Optional<JsonNode> create(Resource resource, String path, ObjectNode object) {
    return attempt(resource, "create", () -> api.create(path, object));
  }

  /** Removes an object that is still in that version; whether it is gone. */
  boolean delete(Resource resource, String path, String version) {
    return attempt(
            resource,
            "delete",
            () -> {
              try {
                api.delete(path, version);
              } catch (KubeException e) {
                if (!e.isNotFound()) {
                  throw e;
                }
              }
              return KubeApi.JSON.nullNode();
            })
        .isPresent();
  }

  private Optional<JsonNode> attempt(Resource resource, String verb, Supplier<JsonNode> write) {
    term.check();
    try {
      JsonNode answer = write.get();
      troubles.none(resource, verb);
      return Optional.of(answer);
    } catch (KubeException e) {
      if (e.isAway()) {
        throw e;
      }
      failed = true;
      // Changed or removed meanwhile: the watcher brings what there is now.
      if (!e.isConflict() && !e.isNotFound() && !e.isAlreadyThere()) {
        troubles.seen(resource, verb, e);
      }
      return Optional.empty();
    }
  }
}
