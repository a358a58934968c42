// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.Topic;
import io.jilium.core.model.PodName;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods of this node, as the watch brings them and, sooner, as somebody asks for one.
 * Thread-safe.
 */
final class OwnPods implements ResourceWatcher.Follower {
  private static final Logger LOG = LoggerFactory.getLogger(OwnPods.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final KubeApi api;
  private final String node;
  private final Consumer<ClusterEvent> events;
  private final Runnable news;
  private final Map<String, PodFacts> pods = new HashMap<>();

  /**
   * @param news something changed that endpoints may wait for
   */
  OwnPods(KubeApi api, String node, Consumer<ClusterEvent> events, Runnable news) {
    this.api = api;
    this.node = node;
    this.events = events;
    this.news = news;
  }

  /** What is known of a pod. */
  synchronized Optional<PodFacts> get(PodName pod) {
    return Optional.ofNullable(pods.get(pod.toString()));
  }

  /** Reads one pod unless it is known; on a thread of its own. */
  void lookUp(PodName pod) {
    var _ = Thread.ofVirtual().name("kube-pod " + pod).start(() -> read(pod));
  }

  private void read(PodName name) {
    try {
      var object = api.get(Resource.PODS.pathIn(name.namespace(), name.name()), PATIENCE);
      var facts = PodFacts.read(object);
      if (facts.pod().nodeName().equals(node)) {
        offer(facts);
      }
    } catch (KubeException | IllegalArgumentException e) {
      LOG.debug("pod {}: {}", name, e.getMessage());
    }
  }

  /** What the watch brought meanwhile is as new or newer. */
  private synchronized void offer(PodFacts facts) {
    if (pods.putIfAbsent(facts.pod().id().toString(), facts) == null) {
      events.accept(new ClusterEvent.PodChanged(facts.pod()));
      news.run();
    }
  }

  @Override
  public void changed(JsonNode object) {
    var facts = PodFacts.read(object);
    synchronized (this) {
      pods.put(ResourceWatcher.key(object), facts);
      events.accept(new ClusterEvent.PodChanged(facts.pod()));
    }
    news.run();
  }

  @Override
  public synchronized void gone(String key) {
    var facts = pods.remove(key);
    if (facts != null) {
      events.accept(new ClusterEvent.PodGone(facts.pod().id()));
    }
  }

  @Override
  public void synced() {
    events.accept(new ClusterEvent.Synced(Topic.PODS));
  }
}
