// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CiliumEndpoints of this node: one for each pod that has an endpoint, owned by the pod, so
 * that it goes with the pod even when nobody is left here to remove it. Thread-safe; {@link #work}
 * is called by one thread alone.
 */
final class OwnEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(OwnEndpoints.class);

  /** What stands at the API server, as far as this node wrote it. */
  private record Written(ObjectNode object, String version) {}

  private record Desired(Endpoint endpoint, IpAddress host) {}

  private final KubeApi api;
  private final OwnPods pods;
  private final Map<String, Desired> desired = new LinkedHashMap<>();
  private final Map<String, Written> written = new HashMap<>();
  private boolean statusApart;

  OwnEndpoints(KubeApi api, OwnPods pods) {
    this.api = api;
    this.pods = pods;
  }

  synchronized void publish(Endpoint endpoint, IpAddress host) {
    if (!endpoint.pod().isNone()) {
      desired.put(endpoint.pod().toString(), new Desired(endpoint, host));
    }
  }

  /** A pod that has another endpoint by now keeps it. */
  synchronized void withdraw(int id) {
    desired.values().removeIf(entry -> entry.endpoint().id() == id);
  }

  /** The watch tells that an object is gone; one whose pod is still there is written again. */
  synchronized boolean lost(String key) {
    return written.remove(key) != null && desired.containsKey(key);
  }

  synchronized boolean contains(String key) {
    return desired.containsKey(key);
  }

  synchronized boolean isWritten() {
    return due().isEmpty() && superfluous().isEmpty();
  }

  /** What is refused for one endpoint does not keep back the others. */
  void work() {
    var refused = new ArrayList<KubeException>();
    for (var entry : superfluous().entrySet()) {
      attempt(
          () -> {
            remove(entry.getKey(), entry.getValue());
            forget(entry.getKey());
          },
          refused);
    }
    due().forEach((key, object) -> attempt(() -> write(key, object), refused));
    if (!refused.isEmpty()) {
      throw refused.getFirst();
    }
  }

  private static void attempt(Runnable request, List<KubeException> refused) {
    try {
      request.run();
    } catch (KubeException e) {
      if (e.isAway() || e.isTooMany()) {
        throw e;
      }
      if (!e.isTerminating()) {
        refused.add(e);
      }
    }
  }

  private synchronized void forget(String key) {
    written.remove(key);
  }

  private synchronized Map<String, Written> superfluous() {
    var superfluous = new HashMap<>(written);
    superfluous.keySet().removeAll(desired.keySet());
    return superfluous;
  }

  /** An endpoint waits until its pod is known: its object could have no owner. */
  private synchronized Map<String, ObjectNode> due() {
    var due = new LinkedHashMap<String, ObjectNode>();
    desired.forEach((key, entry) ->
        pods.get(entry.endpoint().pod())
            .map(facts -> CiliumEndpoints.write(entry.endpoint(), entry.host(), facts))
            .filter(object -> {
              var before = written.get(key);
              return before == null || !before.object().equals(object);
            })
            .ifPresent(object -> due.put(key, object)));
    return due;
  }

  private void write(String key, ObjectNode object) {
    var path = path(key);
    JsonNode answer = api.apply(path, object);
    if (answer.path("status").isMissingNode() || statusApart) {
      statusApart = true;
      answer = api.apply(path + "/status", object);
    }
    var version = answer.path("metadata").path("resourceVersion").asText("");
    synchronized (this) {
      written.put(key, new Written(object, version));
    }
  }

  /** What another node wrote meanwhile, because the pod's namesake runs there now, stays. */
  private void remove(String key, Written known) {
    try {
      api.delete(path(key), known.version());
    } catch (KubeException e) {
      if (e.isConflict()) {
        var host = CiliumEndpoints.host(known.object());
        current(key)
            .filter(object -> CiliumEndpoints.host(object).equals(host))
            .ifPresent(this::remove);
      } else if (!e.isNotFound()) {
        throw e;
      }
    }
  }

  private void remove(JsonNode object) {
    try {
      api.delete(
          path(ResourceWatcher.key(object)),
          object.path("metadata").path("resourceVersion").asText(""));
    } catch (KubeException e) {
      if (!e.isNotFound() && !e.isConflict()) {
        throw e;
      }
    }
  }

  /** Removes objects of a former run of this node. */
  void removeLeftovers(List<String> keys) {
    for (var key : keys) {
      if (!contains(key)) {
        LOG.info("removing CiliumEndpoint {} of a former run", key);
        current(key).ifPresent(this::remove);
      }
    }
  }

  private Optional<JsonNode> current(String key) {
    try {
      return Optional.of(api.get(path(key)));
    } catch (KubeException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  static PodName pod(String key) {
    int slash = key.indexOf('/');
    return new PodName(key.substring(0, Math.max(slash, 0)), key.substring(slash + 1));
  }

  private static String path(String key) {
    var pod = pod(key);
    return Resource.CILIUM_ENDPOINTS.pathIn(pod.namespace(), pod.name());
  }
}
