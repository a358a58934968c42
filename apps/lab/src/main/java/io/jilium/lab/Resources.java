// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Kubernetes-shaped resources in the lab's store, where the agents' etcd source reads them. */
final class Resources implements AutoCloseable {
  private static final String PREFIX = "jilium/resources";

  private final EtcdGateway etcd;

  private Resources(EtcdGateway etcd) {
    this.etcd = etcd;
  }

  static Resources open(LabName name) {
    return new Resources(new EtcdGateway(name));
  }

  /** Whether anything changed. */
  boolean apply(Manifest manifest) {
    String key = key(manifest.kind(), manifest.namespace(), manifest.name());
    String value = LabState.json(manifest.content());
    if (etcd.get(key).equals(Optional.of(value))) {
      return false;
    }
    etcd.put(key, value);
    return true;
  }

  /** Whether it existed. */
  boolean delete(Manifest manifest) {
    return etcd.delete(key(manifest.kind(), manifest.namespace(), manifest.name()));
  }

  void putPod(Pod pod) {
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", pod.name());
    metadata.put("namespace", pod.namespace());
    metadata.put("uid", pod.uid());
    metadata.put("labels", pod.labels());
    var ports =
        pod.ports().stream()
            .map(port ->
                Map.<String, Object>of(
                    "name", port.name(),
                    "protocol", port.protocol().toUpperCase(java.util.Locale.ROOT),
                    "containerPort", port.number()))
            .toList();
    var content = new LinkedHashMap<String, Object>();
    content.put("apiVersion", "v1");
    content.put("kind", "Pod");
    content.put("metadata", metadata);
    content.put(
        "spec",
        Map.of(
            "nodeName", pod.node(),
            "containers", List.of(Map.of("name", pod.name(), "ports", ports))));
    content.put(
        "status",
        Map.of(
            "phase",
            pod.addresses().isEmpty() ? "Pending" : "Running",
            "podIPs",
            pod.addresses().stream().map(ip -> Map.of("ip", ip)).toList()));
    etcd.put(key(Manifest.Kind.Pod, pod.namespace(), pod.name()), LabState.json(content));
  }

  void removePod(Pod pod) {
    etcd.delete(key(Manifest.Kind.Pod, pod.namespace(), pod.name()));
  }

  @Override
  public void close() {
    etcd.close();
  }

  private static String key(Manifest.Kind kind, String namespace, String name) {
    return "%s/%s/%s/%s"
        .formatted(PREFIX, kind.resource(), namespace.isEmpty() ? "_" : namespace, name);
  }
}
