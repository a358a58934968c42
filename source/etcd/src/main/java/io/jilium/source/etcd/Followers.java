// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.Topic;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PolicyObject;
import io.jilium.core.model.ServiceName;
import io.jilium.source.json.PolicyJson;
import io.jilium.source.json.ServiceJson;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turn keys into events, one follower per topic. A value that cannot be read is logged and skipped.
 */
final class Followers {
  private static final Logger LOG = LoggerFactory.getLogger(Followers.class);

  private final Consumer<ClusterEvent> events;
  private final Consumer<String> lost;
  private final Labels.Interner interner = new Labels.Interner();

  /**
   * @param lost told of every key that is gone, because it may be an own one
   */
  Followers(Consumer<ClusterEvent> events, Consumer<String> lost) {
    this.events = events;
    this.lost = lost;
  }

  KeyWatcher.Follower nodes() {
    return follower(
        Optional.of(Topic.NODES),
        entry -> Optional.of(new ClusterEvent.NodeChanged(NodeJson.read(entry.value()))),
        key ->
            Optional.of(
                new ClusterEvent.NodeGone(Layout.partBeforeLast(key), Layout.lastPart(key))));
  }

  KeyWatcher.Follower addresses() {
    return follower(
        Optional.of(Topic.ADDRESSES),
        entry -> Optional.of(new ClusterEvent.AddressChanged(IpMappingJson.read(entry.value()))),
        key -> Optional.of(new ClusterEvent.AddressGone(IpAddress.parse(Layout.lastPart(key)))));
  }

  KeyWatcher.Follower identities(IdentityIndex index) {
    return follower(
        Optional.of(Topic.IDENTITIES),
        entry -> {
          OptionalInt id = Layout.identityOf(entry.key());
          if (id.isEmpty()) {
            throw new IllegalArgumentException("the key ends in no number");
          }
          index.put(id.getAsInt(), entry.value());
          Labels labels = interner.intern(Labels.parseIdentityKey(entry.value()));
          return Optional.of(
              new ClusterEvent.IdentityChanged(
                  new Identity(new NumericIdentity(id.getAsInt()), labels)));
        },
        key -> {
          int id = Layout.identityOf(key).orElseThrow();
          index.remove(id);
          return Optional.of(new ClusterEvent.IdentityGone(new NumericIdentity(id)));
        });
  }

  KeyWatcher.Follower pods(String node) {
    return follower(
        Optional.of(Topic.PODS),
        entry -> {
          Pod pod = ResourceJson.pod(entry.value());
          return pod.nodeName().equals(node)
              ? Optional.of(new ClusterEvent.PodChanged(pod))
              : Optional.empty();
        },
        key ->
            Optional.of(
                new ClusterEvent.PodGone(
                    new PodName(Layout.partBeforeLast(key), Layout.lastPart(key)))));
  }

  KeyWatcher.Follower namespaces() {
    return follower(
        Optional.of(Topic.NAMESPACES),
        entry ->
            Optional.of(new ClusterEvent.NamespaceChanged(ResourceJson.namespace(entry.value()))),
        key -> Optional.of(new ClusterEvent.NamespaceGone(Layout.lastPart(key))));
  }

  KeyWatcher.Follower services() {
    return follower(
        Optional.of(Topic.SERVICES),
        entry ->
            Optional.of(new ClusterEvent.ServiceChanged(ServiceJson.service(namespaced(entry)))),
        key -> Optional.of(new ClusterEvent.ServiceGone(name(key))));
  }

  KeyWatcher.Follower endpointSlices() {
    var reader = new ServiceJson();
    return follower(
        Optional.of(Topic.ENDPOINT_SLICES),
        entry ->
            Optional.of(new ClusterEvent.EndpointSliceChanged(reader.slice(namespaced(entry)))),
        key -> Optional.of(new ClusterEvent.EndpointSliceGone(name(key))));
  }

  KeyWatcher.Follower policies(PolicyObject.Kind kind) {
    return follower(
        Optional.of(kind.topic()),
        entry ->
            Optional.of(
                new ClusterEvent.PolicyChanged(
                    PolicyJson.read(policy(kind, entry.key()), Json.parse(entry.value())))),
        key -> Optional.of(new ClusterEvent.PolicyGone(policy(kind, key))));
  }

  private static PolicyObject.Id policy(PolicyObject.Kind kind, String key) {
    var scope = Layout.partBeforeLast(key);
    return new PolicyObject.Id(kind, scope.equals("_") ? "" : scope, Layout.lastPart(key));
  }

  /** What people write may leave the namespace out; the key has it. */
  private static JsonNode namespaced(KeyValue entry) {
    var json = Json.parse(entry.value());
    json.withObject("metadata").put("namespace", Layout.partBeforeLast(entry.key()));
    return json;
  }

  private static ServiceName name(String key) {
    return new ServiceName(Layout.partBeforeLast(key), Layout.lastPart(key));
  }

  /** The prefix is a whole key, so that names beginning alike have to be told apart. */
  KeyWatcher.Follower podCidrs(
      String exactKey, Function<String, ClusterEvent.PodCidrsAssigned> read) {
    return follower(
        Optional.empty(),
        entry ->
            entry.key().equals(exactKey)
                ? Optional.of(read.apply(entry.value()))
                : Optional.empty(),
        key -> Optional.empty());
  }

  /** Of one node, by the cluster; none when it says nothing of it. */
  KeyWatcher.Follower labels(String exactKey, Consumer<Map<String, String>> labels) {
    return new KeyWatcher.Follower() {
      @Override
      public boolean changed(KeyValue entry) {
        if (!entry.key().equals(exactKey)) {
          return false;
        }
        try {
          labels.accept(ResourceJson.labels(entry.value()));
        } catch (RuntimeException e) {
          LOG.warn("etcd key {} is skipped: {}", entry.key(), e.getMessage());
        }
        return true;
      }

      @Override
      public void gone(String key) {
        labels.accept(Map.of());
      }

      @Override
      public void synced() {
        // Nobody waits for labels: most nodes have none here.
      }
    };
  }

  private KeyWatcher.Follower follower(
      Optional<Topic> topic,
      Function<KeyValue, Optional<ClusterEvent>> changed,
      Function<String, Optional<ClusterEvent>> gone) {
    return new KeyWatcher.Follower() {
      @Override
      public boolean changed(KeyValue entry) {
        try {
          Optional<ClusterEvent> event = changed.apply(entry);
          event.ifPresent(events);
          return event.isPresent();
        } catch (RuntimeException e) {
          LOG.warn("etcd key {} is skipped: {}", entry.key(), e.getMessage());
          return false;
        }
      }

      @Override
      public void gone(String key) {
        lost.accept(key);
        gone.apply(key).ifPresent(events);
      }

      @Override
      public void synced() {
        topic.ifPresent(t -> events.accept(new ClusterEvent.Synced(t)));
      }
    };
  }
}
