// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.jilium.cli.cluster.ClusterFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the API server knows: objects that the network depends on, and Jilium's own. No secrets. */
final class KubernetesPieces {
  private static final String CILIUM = "cilium.io";

  /** Where objects of a kind are looked for. */
  private enum Where {
    EVERYWHERE,
    OWN_NAMESPACE
  }

  private record Kind(
      String group, String version, String plural, String kind, boolean namespaced, Where where) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("", "v1", "nodes", "Node", false, Where.EVERYWHERE),
          new Kind("", "v1", "namespaces", "Namespace", false, Where.EVERYWHERE),
          new Kind("", "v1", "pods", "Pod", true, Where.EVERYWHERE),
          new Kind("", "v1", "services", "Service", true, Where.EVERYWHERE),
          new Kind("", "v1", "events", "Event", true, Where.EVERYWHERE),
          new Kind(
              "discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, Where.EVERYWHERE),
          new Kind(
              "networking.k8s.io",
              "v1",
              "networkpolicies",
              "NetworkPolicy",
              true,
              Where.EVERYWHERE),
          new Kind("networking.k8s.io", "v1", "ingresses", "Ingress", true, Where.EVERYWHERE),
          new Kind("apps", "v1", "daemonsets", "DaemonSet", true, Where.OWN_NAMESPACE),
          new Kind("apps", "v1", "deployments", "Deployment", true, Where.OWN_NAMESPACE),
          new Kind("apps", "v1", "replicasets", "ReplicaSet", true, Where.OWN_NAMESPACE),
          new Kind("coordination.k8s.io", "v1", "leases", "Lease", true, Where.OWN_NAMESPACE));

  private static final Set<String> CONFIG_MAPS = Set.of("jilium-config", "kube-proxy");

  private final KubernetesClient client;
  private final String namespace;

  KubernetesPieces(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  List<Piece> all() {
    var pieces = new ArrayList<Piece>();
    pieces.add(
        new Piece(
            "kubernetes/version.yaml", () -> asked(() -> yaml(client.getKubernetesVersion()))));
    for (var kind : KINDS) {
      pieces.add(
          new Piece("kubernetes/%s.yaml".formatted(kind.plural()), () -> asked(() -> list(kind))));
    }
    for (var name : CONFIG_MAPS) {
      pieces.add(
          new Piece(
              "kubernetes/configmap-%s.yaml".formatted(name), () -> asked(() -> configMap(name))));
    }
    pieces.addAll(customResources());
    return pieces;
  }

  /** Definitions and objects of the group cilium.io, as far as this user may see them. */
  private List<Piece> customResources() {
    List<CustomResourceDefinition> definitions;
    try {
      definitions =
          client.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
              .filter(definition -> definition.getSpec().getGroup().equals(CILIUM))
              .toList();
    } catch (KubernetesClientException e) {
      String reason = String.valueOf(ClusterFailure.of(e, client).getMessage());
      return List.of(
          new Piece(
              "kubernetes/cilium.io",
              () -> {
                throw new Piece.NotCollected(reason);
              }));
    }
    var pieces = new ArrayList<Piece>();
    for (var definition : definitions) {
      var names = definition.getSpec().getNames();
      String version =
          definition.getSpec().getVersions().stream()
              .filter(served -> Boolean.TRUE.equals(served.getStorage()))
              .map(served -> served.getName())
              .findFirst()
              .orElse("v2");
      boolean namespaced = definition.getSpec().getScope().equals("Namespaced");
      var kind =
          new Kind(
              CILIUM, version, names.getPlural(), names.getKind(), namespaced, Where.EVERYWHERE);
      pieces.add(
          new Piece(
              "cilium.io/%s.yaml".formatted(names.getPlural()), () -> asked(() -> list(kind))));
    }
    return pieces;
  }

  private interface Question {
    String answer();
  }

  private String asked(Question question) throws Piece.NotCollected {
    try {
      return question.answer();
    } catch (KubernetesClientException e) {
      throw new Piece.NotCollected(String.valueOf(ClusterFailure.of(e, client).getMessage()));
    }
  }

  private String list(Kind kind) {
    var context =
        new ResourceDefinitionContext.Builder()
            .withGroup(kind.group())
            .withVersion(kind.version())
            .withPlural(kind.plural())
            .withKind(kind.kind())
            .withNamespaced(kind.namespaced())
            .build();
    var resources = client.genericKubernetesResources(context);
    List<GenericKubernetesResource> items =
        switch (kind.where()) {
          case EVERYWHERE ->
              kind.namespaced()
                  ? resources.inAnyNamespace().list().getItems()
                  : resources.list().getItems();
          case OWN_NAMESPACE -> resources.inNamespace(namespace).list().getItems();
        };
    return yaml(Map.of("kind", "List", "apiVersion", "v1", "items", items));
  }

  private String configMap(String name) {
    var map = client.configMaps().inNamespace(namespace).withName(name).get();
    return map == null ? "" : yaml(map);
  }

  private String yaml(Object value) {
    var serialization = client.getKubernetesSerialization();
    Object tree = serialization.convertValue(value, Map.class);
    return serialization.asYaml(Redaction.of(tree));
  }
}
