// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import io.jilium.core.model.SecurityLabels;
import io.jilium.core.settings.Settings.IpamMode;
import io.jilium.source.kube.crd.Crds;
import io.jilium.test.kit.Await;
import io.jilium.test.kube.kit.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** A real API server with Jilium's kinds, and stores of several nodes that use it. */
final class StoreCluster implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A node's store and everything it was told. */
  record Joined(KubeStore store, List<ClusterEvent> events) {
    boolean saw(ClusterEvent event) {
      return events.contains(event);
    }

    /** The last change or end of an address: what is in force. */
    boolean knows(IpAddress address) {
      boolean known = false;
      for (var event : events) {
        if (event instanceof ClusterEvent.AddressChanged(var mapping)
            && mapping.address().equals(address)) {
          known = true;
        } else if (event instanceof ClusterEvent.AddressGone(var gone) && gone.equals(address)) {
          known = false;
        }
      }
      return known;
    }

    boolean isSynced() {
      for (var topic : ClusterEvent.Topic.values()) {
        if (!events.contains(new ClusterEvent.Synced(topic))) {
          return false;
        }
      }
      return true;
    }
  }

  private final ApiServer api;
  private final List<KubeStore> stores = new ArrayList<>();

  private StoreCluster(ApiServer api) {
    this.api = api;
  }

  static StoreCluster start(Path directory) {
    var cluster = new StoreCluster(ApiServer.start(directory));
    cluster.install();
    return cluster;
  }

  private void install() {
    for (var kind : Crds.definitions()) {
      var plural = kind.getSpec().getNames().getPlural();
      api.apply(definition(plural));
    }
    api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
  }

  private static String definition(String plural) {
    try (var yaml =
        Objects.requireNonNull(Crds.class.getResourceAsStream("/crds/" + plural + ".yaml"))) {
      return new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ApiServer api() {
    return api;
  }

  /** A Node of that name, and the store of its agent. */
  Joined join(String node) {
    return join(node, api.kubeconfig());
  }

  Joined join(String node, Path kubeconfig) {
    return join(node, kubeconfig, IpamMode.KUBERNETES);
  }

  Joined join(String node, IpamMode ipam) {
    return join(node, api.kubeconfig(), ipam);
  }

  private Joined join(String node, Path kubeconfig, IpamMode ipam) {
    api.apply(
        """
        {"apiVersion": "v1", "kind": "Node",
         "metadata": {"name": "%s", "labels": {"zone": "here"}},
         "spec": {"podCIDR": "10.1.2.0/24", "podCIDRs": ["10.1.2.0/24"]}}
        """
            .formatted(node));
    var store =
        KubeStore.create(
            KubeApi.open(KubeAccess.of(kubeconfig), "jilium-test"),
            new KubeStoreOptions("default", 0, node, ipam, false, true));
    stores.add(store);
    var events = new CopyOnWriteArrayList<ClusterEvent>();
    store.start(events::addAll);
    return new Joined(store, events);
  }

  void pod(String namespace, String name, String node) {
    api.apply(
        """
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "%s", "namespace": "%s", "labels": {"app": "%s"}},
         "spec": {"nodeName": "%s", "containers": [{"name": "main", "image": "none",
           "ports": [{"name": "web", "containerPort": 8080}]}]}}
        """
            .formatted(name, namespace, name, node));
  }

  static Node node(String name, String address) {
    return new Node(
        name,
        "default",
        0,
        List.of(
            new NodeAddress(NodeAddress.Type.INTERNAL_IP, IpAddress.parse(address)),
            new NodeAddress(NodeAddress.Type.CILIUM_INTERNAL_IP, IpAddress.parse("10.1.2.1"))),
        List.of(IpPrefix.parse("10.1.2.0/24")),
        List.of(IpAddress.parse("10.1.2.9")),
        Map.of(),
        "boot");
  }

  static Endpoint endpoint(int id, String pod, String address, NumericIdentity identity) {
    return new Endpoint(
        id,
        "container-" + id,
        "lxc" + id,
        7,
        "eth0",
        "/proc/1/ns/net",
        new PodName("default", pod),
        labels(pod),
        identity,
        List.of(IpAddress.parse(address)),
        MacAddress.ZERO,
        MacAddress.ZERO,
        EndpointState.READY);
  }

  static Labels labels(String app) {
    return Labels.of(Label.k8s("app", app), Label.k8s(SecurityLabels.NAMESPACE, "default"));
  }

  static void await(String what, BooleanSupplier condition) {
    Await.until(what, LIMIT, condition);
  }

  @Override
  public void close() {
    stores.forEach(KubeStore::close);
    api.close();
  }
}
