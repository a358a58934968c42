// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.Topic;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Namespace;
import io.jilium.core.model.PolicyObject;
import io.jilium.core.model.ServiceName;
import io.jilium.core.settings.Settings.IpamMode;
import io.jilium.source.json.PolicyJson;
import io.jilium.source.json.ServiceJson;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Turn objects into events, one follower per kind. To follow one more kind is one method here and
 * one line where the followers are started.
 */
final class Followers {
  /** Is told of what vanished, because it may be an own one. */
  interface Losses {
    /** The CiliumNode of that name. */
    void node(String name);

    /** The CiliumEndpoint of that key. */
    void endpoint(String key);
  }

  private final KubeStoreOptions options;
  private final Consumer<ClusterEvent> events;
  private final Losses losses;
  private final AddressBook addresses;
  private final Labels.Interner interner = new Labels.Interner();

  Followers(
      KubeStoreOptions options,
      Consumer<ClusterEvent> events,
      AddressBook addresses,
      Losses losses) {
    this.options = options;
    this.events = events;
    this.addresses = addresses;
    this.losses = losses;
  }

  ResourceWatcher.Follower nodes(OwnNode own, Runnable news) {
    return follower(
        object -> {
          events.accept(
              new ClusterEvent.NodeChanged(
                  CiliumNodes.read(object, options.cluster(), options.clusterId())));
          if (Json.name(object).equals(options.node())) {
            own.stands(object);
            news.run();
            assigned(object);
          }
        },
        key -> {
          losses.node(key);
          events.accept(new ClusterEvent.NodeGone(options.cluster(), key));
        },
        () -> events.accept(new ClusterEvent.Synced(Topic.NODES)));
  }

  private void assigned(JsonNode ciliumNode) {
    switch (options.ipam()) {
      case CLUSTER_POOL -> events.accept(CiliumNodes.assignedByOperator(ciliumNode));
      case MULTI_POOL -> events.accept(CiliumNodes.poolsAssigned(ciliumNode));
      case KUBERNETES -> {
        // Not the operator's: the core's Node tells.
      }
    }
  }

  /** The core's Node of this node. */
  ResourceWatcher.Follower ownNode(OwnNode own, Runnable news) {
    return follower(
        object -> {
          own.kubernetes(object);
          news.run();
          if (options.ipam() == IpamMode.KUBERNETES) {
            events.accept(CiliumNodes.assignedByKubernetes(object));
          }
        },
        _ -> own.kubernetesGone(),
        () -> {});
  }

  ResourceWatcher.Follower identities(IdentityAllocator allocator) {
    return follower(
        object -> {
          var identity = CiliumIdentities.read(object);
          var labels = interner.intern(identity.labels());
          allocator.seen(identity.id().value(), labels);
          events.accept(new ClusterEvent.IdentityChanged(identity));
        },
        key ->
            CiliumIdentities.number(key)
                .ifPresent(id -> {
                  allocator.gone(id.value());
                  events.accept(new ClusterEvent.IdentityGone(id));
                }),
        () -> {
          allocator.synced();
          events.accept(new ClusterEvent.Synced(Topic.IDENTITIES));
        });
  }

  ResourceWatcher.Follower endpoints() {
    return addresses(CiliumEndpoints::read);
  }

  ResourceWatcher.Follower slices() {
    return addresses(CiliumEndpoints::readSlice);
  }

  private ResourceWatcher.Follower addresses(Function<JsonNode, List<IpMapping>> read) {
    return follower(
        object -> addresses.set(ResourceWatcher.key(object), read.apply(object)),
        key -> {
          losses.endpoint(key);
          addresses.set(key, List.of());
        },
        () -> events.accept(new ClusterEvent.Synced(Topic.ADDRESSES)));
  }

  ResourceWatcher.Follower namespaces(PoolChoice pools) {
    return follower(
        object -> {
          pools.namespace(object);
          events.accept(
              new ClusterEvent.NamespaceChanged(
                  new Namespace(Json.name(object), Json.labels(object))));
        },
        key -> {
          pools.namespaceGone(key);
          events.accept(new ClusterEvent.NamespaceGone(key));
        },
        () -> events.accept(new ClusterEvent.Synced(Topic.NAMESPACES)));
  }

  ResourceWatcher.Follower pools(PoolChoice pools) {
    return follower(pools::pool, pools::poolGone, () -> {});
  }

  ResourceWatcher.Follower services() {
    return follower(
        object -> events.accept(new ClusterEvent.ServiceChanged(ServiceJson.service(object))),
        key -> events.accept(new ClusterEvent.ServiceGone(name(key))),
        () -> events.accept(new ClusterEvent.Synced(Topic.SERVICES)));
  }

  ResourceWatcher.Follower endpointSlices() {
    var reader = new ServiceJson();
    return follower(
        object -> events.accept(new ClusterEvent.EndpointSliceChanged(reader.slice(object))),
        key -> events.accept(new ClusterEvent.EndpointSliceGone(name(key))),
        () -> events.accept(new ClusterEvent.Synced(Topic.ENDPOINT_SLICES)));
  }

  ResourceWatcher.Follower policies(PolicyObject.Kind kind) {
    return follower(
        object ->
            events.accept(
                new ClusterEvent.PolicyChanged(
                    PolicyJson.read(policy(kind, ResourceWatcher.key(object)), object))),
        key -> events.accept(new ClusterEvent.PolicyGone(policy(kind, key))),
        () -> events.accept(new ClusterEvent.Synced(kind.topic())));
  }

  private static PolicyObject.Id policy(PolicyObject.Kind kind, String key) {
    var name = name(key);
    return new PolicyObject.Id(kind, name.namespace(), name.name());
  }

  private static ServiceName name(String key) {
    int slash = key.indexOf('/');
    return new ServiceName(key.substring(0, Math.max(0, slash)), key.substring(slash + 1));
  }

  private static ResourceWatcher.Follower follower(
      Consumer<JsonNode> changed, Consumer<String> gone, Runnable synced) {
    return new ResourceWatcher.Follower() {
      @Override
      public void changed(JsonNode object) {
        changed.accept(object);
      }

      @Override
      public void gone(String key) {
        gone.accept(key);
      }

      @Override
      public void synced() {
        synced.run();
      }
    };
  }
}
