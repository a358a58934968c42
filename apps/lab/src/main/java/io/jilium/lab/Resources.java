// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes-shaped resources in the lab's store, where the agents' etcd source reads them. What
 * the API server and the controller of endpoint slices do in a cluster, each change does here.
 */
final class Resources implements AutoCloseable {
  private static final String PREFIX = "jilium/resources";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EtcdGateway etcd;
  private final LabName name;
  private @Nullable ServiceAddresses addresses;

  private Resources(LabName name) {
    this.name = name;
    this.etcd = new EtcdGateway(name);
  }

  static Resources open(LabName name) {
    return new Resources(name);
  }

  /**
   * Creates or changes resources, one after the other. What cannot be is refused with the field's
   * path; those before it stay.
   *
   * @param told of each one, and whether anything changed
   */
  void apply(List<Manifest> manifests, BiConsumer<Manifest, Boolean> told) {
    locked(() -> {
      try {
        for (var manifest : manifests) {
          told.accept(manifest, applyOne(manifest));
        }
      } finally {
        namespaces(manifests).forEach(this::refreshLocked);
      }
    });
  }

  private boolean applyOne(Manifest manifest) {
    String key = key(manifest.kind(), manifest.namespace(), manifest.name());
    var before = etcd.get(key);
    try {
      complete(manifest, before.map(Resources::parse));
    } catch (LabException e) {
      throw new LabException("%s: %s".formatted(manifest, e.getMessage()), e);
    }
    String value = LabState.json(manifest.content());
    if (before.equals(Optional.of(value))) {
      return false;
    }
    etcd.put(key, value);
    return true;
  }

  /**
   * Deletes resources.
   *
   * @param told of each one, and whether it existed
   */
  void delete(List<Manifest> manifests, BiConsumer<Manifest, Boolean> told) {
    locked(() -> {
      for (var manifest : manifests) {
        var key = key(manifest.kind(), manifest.namespace(), manifest.name());
        told.accept(manifest, etcd.delete(key));
      }
      namespaces(manifests).forEach(this::refreshLocked);
    });
  }

  /** Those whose slices may change. */
  private Set<String> namespaces(List<Manifest> manifests) {
    var namespaces = new TreeSet<String>();
    for (var manifest : manifests) {
      if (manifest.kind() == Manifest.Kind.Node) {
        namespaces.addAll(namespacesOfServices());
      } else if (manifest.kind() == Manifest.Kind.Service || manifest.kind() == Manifest.Kind.Pod) {
        namespaces.add(manifest.namespace());
      }
    }
    return namespaces;
  }

  private Set<String> namespacesOfServices() {
    var prefix = PREFIX + "/" + Manifest.Kind.Service.resource() + "/";
    return etcd.list(prefix).keySet().stream()
        .map(key -> key.substring(prefix.length(), key.lastIndexOf('/')))
        .collect(Collectors.toSet());
  }

  /** Makes the slices of a namespace what its services and pods say. */
  void refresh(String namespace) {
    locked(() -> refreshLocked(namespace));
  }

  private void refreshLocked(String namespace) {
    var pods = list(Manifest.Kind.Pod, namespace);
    var zones = zones();
    var wanted = new TreeMap<String, String>();
    for (var service : list(Manifest.Kind.Service, namespace)) {
      SliceController.slices(service, pods, zones)
          .forEach((slice, content) ->
              wanted.put(
                  key(Manifest.Kind.EndpointSlice, namespace, slice), LabState.json(content)));
    }
    var stored = etcd.list(prefix(Manifest.Kind.EndpointSlice, namespace));
    wanted.forEach((key, value) -> {
      if (!value.equals(stored.get(key))) {
        etcd.put(key, value);
      }
    });
    stored.forEach((key, value) -> {
      if (!wanted.containsKey(key) && isOurs(parse(value))) {
        etcd.delete(key);
      }
    });
  }

  /** Of the nodes that have one. */
  private Map<String, String> zones() {
    var zones = new HashMap<String, String>();
    for (var node : list(Manifest.Kind.Node, "")) {
      var metadata = node.section("metadata");
      var zone = metadata.labels("labels").get(SliceController.ZONE);
      if (zone != null) {
        zones.put(metadata.text("name").orElseThrow(), zone);
      }
    }
    return zones;
  }

  private static boolean isOurs(Section slice) {
    return SliceController.SELF.equals(
        slice.section("metadata").labels("labels").get(SliceController.MANAGED_BY));
  }

  private void complete(Manifest manifest, Optional<Section> before) {
    var root = Section.root(manifest.content());
    switch (manifest.kind()) {
      case Service -> {
        ServiceForm.complete(addresses(), owner(manifest), root, before);
        stamp(manifest, root.section("metadata"), before);
      }
      case EndpointSlice -> SliceController.check(root);
      case Node -> {
        var nodes = new LabState(name).requireLab().nodeNames();
        if (!nodes.contains(manifest.name())) {
          throw root.section("metadata")
              .wrong(
                  "name",
                  "no node '%s': there are %s"
                      .formatted(manifest.name(), String.join(", ", nodes)));
        }
        root.section("metadata").labels("labels");
      }
      case Namespace, Pod -> {
        // Stored as written.
      }
    }
  }

  /** What the API server adds to an object's metadata, and keeps. */
  private static void stamp(Manifest manifest, Section metadata, Optional<Section> before) {
    var old = before.orElseGet(() -> Section.root(new LinkedHashMap<>())).section("metadata");
    metadata.put("namespace", manifest.namespace());
    metadata.put("uid", old.text("uid").orElseGet(() -> UUID.randomUUID().toString()));
    metadata.put(
        "creationTimestamp",
        old.text("creationTimestamp")
            .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
  }

  private ServiceAddresses addresses() {
    if (addresses == null) {
      var taken = new ServiceAddresses();
      etcd.list(PREFIX + "/" + Manifest.Kind.Service.resource() + "/")
          .forEach((key, value) ->
              taken.take(
                  key.substring(key.indexOf("services/") + "services/".length()), parse(value)));
      addresses = taken;
    }
    return addresses;
  }

  private List<Section> list(Manifest.Kind kind, String namespace) {
    return etcd.list(prefix(kind, namespace)).values().stream().map(Resources::parse).toList();
  }

  private static Section parse(String json) {
    try {
      return Section.root(
          JSON.readValue(json, new TypeReference<LinkedHashMap<String, Object>>() {}));
    } catch (JsonProcessingException e) {
      throw new LabException("the store holds what is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static String owner(Manifest manifest) {
    return manifest.namespace() + "/" + manifest.name();
  }

  void putPod(Pod pod) {
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", pod.name());
    metadata.put("namespace", pod.namespace());
    metadata.put("uid", pod.uid());
    metadata.put("labels", pod.labels());
    if (pod.terminating()) {
      metadata.put("deletionTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }
    var ports = new ArrayList<Map<String, Object>>();
    for (var port : pod.ports()) {
      var declared = new LinkedHashMap<String, Object>();
      declared.put("name", port.name());
      declared.put("protocol", port.protocol().toUpperCase(Locale.ROOT));
      declared.put("containerPort", port.number());
      if (port.hostPort() != 0) {
        declared.put("hostPort", port.hostPort());
        declared.put("hostIP", port.hostIp());
      }
      ports.add(declared);
    }
    var content = new LinkedHashMap<String, Object>();
    content.put("apiVersion", "v1");
    content.put("kind", "Pod");
    content.put("metadata", metadata);
    content.put(
        "spec",
        Map.of(
            "nodeName", pod.node(),
            "containers", List.of(Map.of("name", pod.name(), "ports", ports))));
    content.put("status", status(pod));
    etcd.put(key(Manifest.Kind.Pod, pod.namespace(), pod.name()), LabState.json(content));
  }

  private static Map<String, Object> status(Pod pod) {
    var status = new HashMap<String, Object>();
    status.put("phase", pod.addresses().isEmpty() ? "Pending" : "Running");
    status.put("podIPs", pod.addresses().stream().map(ip -> Map.of("ip", ip)).toList());
    status.put(
        "conditions", List.of(Map.of("type", "Ready", "status", pod.ready() ? "True" : "False")));
    return status;
  }

  void removePod(Pod pod) {
    etcd.delete(key(Manifest.Kind.Pod, pod.namespace(), pod.name()));
  }

  @Override
  public void close() {
    etcd.close();
  }

  /** Commands of several terminals change one after the other: each sees what all before it did. */
  private void locked(Runnable change) {
    try (var file =
            FileChannel.open(
                name.directory().resolve("resources.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var _ = file.lock()) {
      change.run();
    } catch (IOException e) {
      throw new LabException(e);
    }
  }

  private static String prefix(Manifest.Kind kind, String namespace) {
    return "%s/%s/%s/".formatted(PREFIX, kind.resource(), namespace.isEmpty() ? "_" : namespace);
  }

  private static String key(Manifest.Kind kind, String namespace, String name) {
    return prefix(kind, namespace) + name;
  }
}
