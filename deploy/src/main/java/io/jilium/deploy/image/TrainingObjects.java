// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

/** The cluster of a training: a node, its pods, and services that lead to them. */
final class TrainingObjects {
  private static final String NODE =
      """
      {"apiVersion":"v1","kind":"Node","metadata":{"name":"training","labels":{"kubernetes.io/hostname":"training"}},
       "spec":{"podCIDR":"10.0.0.0/24","podCIDRs":["10.0.0.0/24"]},
       "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"},{"type":"Hostname","address":"training"}],
        "conditions":[{"type":"Ready","status":"True"}],"nodeInfo":{"kubeletVersion":"v1.35.0"}}}\
      """;

  private static final String NAMESPACE =
      """
      {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default",
       "labels":{"kubernetes.io/metadata.name":"default"}},"status":{"phase":"Active"}}\
      """;

  private static final int SERVICES = 20;
  private static final int FIRST_NODE_PORT = 30000;
  private static final int FIRST_ADDRESS = 9;

  /** Takes the objects. */
  interface Sink {
    /**
     * An object.
     *
     * @param resource plural name, as in the API's paths
     * @param key {@code namespace/name} or {@code name}
     */
    void put(String resource, String key, String json);
  }

  private TrainingObjects() {}

  static void into(Sink sink) {
    sink.put("nodes", "training", NODE);
    sink.put("namespaces", "default", NAMESPACE);
    for (int i = 1; i <= TrainingApi.PODS; i++) {
      sink.put("pods", "default/p" + i, pod(i));
    }
    for (int i = 1; i <= SERVICES; i++) {
      sink.put("services", "default/s" + i, service(i));
      sink.put("endpointslices", "default/s" + i + "-1", slice(i));
    }
  }

  private static String pod(int i) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%1$d","namespace":"default","uid":"pod-%1$d",
    "labels":{"app":"training","pod-template-hash":"1"},"creationTimestamp":"2026-01-01T00:00:00Z",
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"training","uid":"r","controller":true}]},
    "spec":{"nodeName":"training","serviceAccountName":"default","restartPolicy":"Always","tolerations":[],
    "containers":[{"name":"c","image":"example","ports":[{"containerPort":80,"protocol":"TCP"}],
    "volumeMounts":[{"name":"token","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],
    "volumes":[{"name":"token","projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}}]},
    "status":{"phase":"Pending","qosClass":"BestEffort","hostIP":"192.0.2.1",
    "conditions":[{"type":"PodScheduled","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}\
    """
        .formatted(i);
  }

  private static String service(int i) {
    return """
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"s%1$d","namespace":"default","uid":"service-%1$d"},
    "spec":{"type":"NodePort","clusterIP":"10.96.0.%2$d","clusterIPs":["10.96.0.%2$d"],"ipFamilies":["IPv4"],
    "selector":{"app":"training"},"internalTrafficPolicy":"Cluster","externalTrafficPolicy":"Cluster",
    "sessionAffinity":"None","ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":80,"nodePort":%3$d}]},
    "status":{"loadBalancer":{}}}\
    """
        .formatted(i, i + FIRST_ADDRESS, FIRST_NODE_PORT + i);
  }

  private static String slice(int i) {
    return """
    {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
    "metadata":{"name":"s%1$d-1","namespace":"default","uid":"slice-%1$d","labels":{"kubernetes.io/service-name":"s%1$d"}},
    "endpoints":[{"addresses":["10.0.0.%2$d"],"nodeName":"training",
    "conditions":{"ready":true,"serving":true,"terminating":false}}],
    "ports":[{"name":"http","protocol":"TCP","port":80}]}\
    """
        .formatted(i, i + FIRST_ADDRESS);
  }
}
