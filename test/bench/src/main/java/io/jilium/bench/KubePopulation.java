// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster of that size as objects of Kubernetes, in JSON. Pods are spread over the nodes one by
 * one; ten in a row are of one workload, with one identity and one service; a slice has a hundred
 * endpoints of a namespace.
 *
 * @param localPods pods of the one node that has an agent, which is not among the nodes
 */
record KubePopulation(int nodes, int pods, int services, int policies, int localPods) {
  static final String LOCAL_NODE = "bench-node";

  /** Underlay address of the node that has an agent. */
  static final String LOCAL_ADDRESS = "172.31.0.1";

  /** Nobody is there. */
  static final String LOCAL_GATEWAY = "172.31.0.254";

  private static final String LOCAL_CIDR = "10.99.0.0/24";
  private static final int PODS_PER_WORKLOAD = 10;
  private static final int NAMESPACES = 50;
  private static final int FIRST_IDENTITY = 1000;
  private static final int FIRST_HOST = 10;
  private static final int SUBNETS = 250;
  private static final int SLICE = 100;

  int namespaces() {
    return NAMESPACES;
  }

  int workloads() {
    return pods / PODS_PER_WORKLOAD;
  }

  int slices() {
    return pods / SLICE;
  }

  static String namespace(int number) {
    return "team-" + number;
  }

  static String namespaceObject(int number) {
    return """
    {"apiVersion": "v1", "kind": "Namespace",
     "metadata": {"name": "%1$s", "labels": {"team": "%1$s"}}}
    """
        .formatted(namespace(number));
  }

  String node(int number) {
    return nodeObject("node-" + number, cidr(number) + ".0/24", "zone-" + number % 3);
  }

  static String localNode() {
    return nodeObject(LOCAL_NODE, LOCAL_CIDR, "zone-0");
  }

  private static String nodeObject(String name, String cidr, String zone) {
    return """
    {"apiVersion": "v1", "kind": "Node",
     "metadata": {"name": "%1$s", "labels": {"kubernetes.io/hostname": "%1$s",
       "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": "%3$s"}},
     "spec": {"podCIDR": "%2$s", "podCIDRs": ["%2$s"]}}
    """
        .formatted(name, cidr, zone);
  }

  String ciliumNode(int number) {
    return """
    {"apiVersion": "cilium.io/v2", "kind": "CiliumNode",
     "metadata": {"name": "node-%1$d", "labels": {"kubernetes.io/hostname": "node-%1$d",
       "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": "zone-%4$d"}},
     "spec": {"addresses": [{"type": "InternalIP", "ip": "%2$s"},
         {"type": "CiliumInternalIP", "ip": "%3$s.1"}],
       "bootid": "9d3f4c6a-0000-4000-8000-%1$012d", "health": {"ipv4": "%3$s.2"},
       "ipam": {"podCIDRs": ["%3$s.0/24"]}}}
    """
        .formatted(number, nodeAddress(number), cidr(number), number % 3);
  }

  String identity(int workload) {
    return """
    {"apiVersion": "cilium.io/v2", "kind": "CiliumIdentity",
     "metadata": {"name": "%1$d", "labels": {"io.kubernetes.pod.namespace": "%2$s"}},
     "security-labels": {"k8s:app": "app-%3$d",
       "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name": "%2$s",
       "k8s:io.cilium.k8s.namespace.labels.team": "%2$s",
       "k8s:io.cilium.k8s.policy.cluster": "default",
       "k8s:io.cilium.k8s.policy.serviceaccount": "default",
       "k8s:io.kubernetes.pod.namespace": "%2$s"}}
    """
        .formatted(identityOf(workload), namespace(namespaceOf(workload)), workload);
  }

  /** The number of a workload's identity. */
  int identityOf(int workload) {
    return FIRST_IDENTITY + workload % workloads();
  }

  static int namespaceOf(int workload) {
    return workload % NAMESPACES;
  }

  static int workloadOf(int pod) {
    return pod / PODS_PER_WORKLOAD;
  }

  static String podName(int pod) {
    return "app-%d-7d9c8b6f5d-%05d".formatted(workloadOf(pod), pod);
  }

  String podAddress(int pod) {
    return cidr(pod % nodes) + "." + (FIRST_HOST + pod / nodes);
  }

  private static String cidr(int node) {
    return "10.%d.%d".formatted(100 + node / SUBNETS, node % SUBNETS);
  }

  static String nodeAddress(int node) {
    return "172.16.%d.%d".formatted(node / SUBNETS, 1 + node % SUBNETS);
  }

  /** As an agent writes it, whole. */
  String ciliumEndpoint(int pod) {
    int workload = workloadOf(pod);
    var namespace = namespace(namespaceOf(workload));
    return """
    {"apiVersion": "cilium.io/v2", "kind": "CiliumEndpoint",
     "metadata": {"name": "%1$s", "namespace": "%2$s",
       "labels": {"app": "app-%3$d", "pod-template-hash": "7d9c8b6f5d"}},
     "status": {"id": %4$d, "state": "ready",
       "identity": {"id": %5$d, "labels": ["k8s:app=app-%3$d",
         "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=%2$s",
         "k8s:io.cilium.k8s.namespace.labels.team=%2$s",
         "k8s:io.cilium.k8s.policy.cluster=default",
         "k8s:io.cilium.k8s.policy.serviceaccount=default",
         "k8s:io.kubernetes.pod.namespace=%2$s"]},
       "encryption": {"key": 0}, "service-account": "default",
       "external-identifiers": {"container-id": "%6$064x",
         "cni-attachment-id": "%6$064x:eth0", "k8s-namespace": "%2$s",
         "k8s-pod-name": "%1$s", "pod-name": "%2$s/%1$s"},
       "named-ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
       "networking": {"node": "%7$s", "addressing": [{"ipv4": "%8$s"}]}}}
    """
        .formatted(
            podName(pod),
            namespace,
            workload,
            FIRST_HOST + pod / nodes,
            identityOf(workload),
            pod,
            nodeAddress(pod % nodes),
            podAddress(pod));
  }

  /** Another identity for an endpoint. */
  static String identityPatch(int identity) {
    return "{\"status\": {\"identity\": {\"id\": " + identity + "}}}";
  }

  /**
   * As the operator writes it.
   *
   * @param shift added to each workload's identity
   */
  String slice(int number, int shift) {
    int namespace = number % NAMESPACES;
    var endpoints =
        IntStream.range(0, SLICE)
            .map(place -> podOf(namespace, number / NAMESPACES * SLICE + place))
            .mapToObj(pod -> sliced(pod, shift))
            .collect(Collectors.joining(",\n"));
    return """
    {"apiVersion": "cilium.io/v2alpha1", "kind": "CiliumEndpointSlice",
     "metadata": {"name": "ces-%d"}, "namespace": "%s", "endpoints": [%s]}
    """
        .formatted(number, namespace(namespace), endpoints);
  }

  /** The last pod that a slice has. */
  static int lastPodOf(int slice) {
    return podOf(slice % NAMESPACES, slice / NAMESPACES * SLICE + SLICE - 1);
  }

  /** The pods of a namespace are those of every fiftieth workload. */
  private static int podOf(int namespace, int place) {
    int workload = namespace + place / PODS_PER_WORKLOAD * NAMESPACES;
    return workload * PODS_PER_WORKLOAD + place % PODS_PER_WORKLOAD;
  }

  private String sliced(int pod, int shift) {
    return """
    {"name": "%s", "id": %d, "service-account": "default", "encryption": {"key": 0},
     "named-ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
     "networking": {"node": "%s", "addressing": [{"ipv4": "%s"}]}}\
    """
        .formatted(
            podName(pod),
            identityOf(workloadOf(pod) + shift),
            nodeAddress(pod % nodes),
            podAddress(pod));
  }

  static String service(int number) {
    return """
    {"apiVersion": "v1", "kind": "Service",
     "metadata": {"name": "app-%1$d", "namespace": "%2$s"},
     "spec": {"selector": {"app": "app-%1$d"},
       "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}
    """
        .formatted(number, namespace(namespaceOf(number)));
  }

  /** The backends of a service: its workload's pods. */
  String endpointSlice(int number) {
    var endpoints =
        IntStream.range(0, PODS_PER_WORKLOAD)
            .map(i -> number % workloads() * PODS_PER_WORKLOAD + i)
            .mapToObj(pod ->
                """
                {"addresses": ["%s"], "nodeName": "node-%d", "conditions":
                 {"ready": true, "serving": true, "terminating": false},
                 "targetRef": {"kind": "Pod", "namespace": "%s", "name": "%s"}}\
                """
                    .formatted(
                        podAddress(pod), pod % nodes, namespace(namespaceOf(number)), podName(pod)))
            .collect(Collectors.joining(",\n"));
    return """
    {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
     "metadata": {"name": "app-%1$d-abcde", "namespace": "%2$s",
       "labels": {"kubernetes.io/service-name": "app-%1$d"}},
     "ports": [{"name": "http", "port": 80, "protocol": "TCP"}], "endpoints": [%3$s]}
    """
        .formatted(number, namespace(namespaceOf(number)), endpoints);
  }

  /** Of Kubernetes. */
  static String networkPolicy(int number) {
    return """
    {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
     "metadata": {"name": "policy-%1$d", "namespace": "%2$s"},
     "spec": {"podSelector": {"matchLabels": {"app": "app-%1$d"}}, "policyTypes": ["Ingress"],
       "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "app-%3$d"}}},
         {"ipBlock": {"cidr": "203.0.113.0/24"}}], "ports": [{"port": 80}]}]}}
    """
        .formatted(number, namespace(namespaceOf(number)), number + 1);
  }

  static String ciliumNetworkPolicy(int number) {
    return """
    {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
     "metadata": {"name": "policy-%1$d", "namespace": "%2$s"},
     "spec": {"endpointSelector": {"matchLabels": {"app": "app-%1$d"}},
       "ingress": [{"fromEndpoints": [{"matchLabels": {"app": "app-%3$d"}}],
         "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}]}}
    """
        .formatted(number, namespace(namespaceOf(number)), number + 1);
  }

  static String localPodName(int number) {
    return "local-" + number;
  }

  static String localPod(int number) {
    return """
    {"apiVersion": "v1", "kind": "Pod",
     "metadata": {"name": "%1$s", "namespace": "%2$s", "labels": {"app": "app-%3$d"}},
     "spec": {"nodeName": "%4$s", "serviceAccountName": "default",
       "containers": [{"name": "main", "image": "none"}]}}
    """
        .formatted(localPodName(number), namespace(number % NAMESPACES), number, LOCAL_NODE);
  }
}
