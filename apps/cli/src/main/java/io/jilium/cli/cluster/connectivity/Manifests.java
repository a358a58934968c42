// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

/** The objects of the test. Labels are those of Cilium's connectivity test. */
final class Manifests {
  private final Artifacts.Wanted wanted;

  Manifests(Artifacts.Wanted wanted) {
    this.wanted = wanted;
  }

  String namespace() {
    return """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: %s
      labels:
        app.kubernetes.io/name: jilium-connectivity-test
        pod-security.kubernetes.io/enforce: privileged
    """
        .formatted(wanted.namespace());
  }

  /** A pod that asks. */
  String client(String name, String node) {
    return deployment(name, "client", node, wanted.clientImage(), "exec sleep 1000000", "");
  }

  /** A pod that answers with its name, and a service in front of it. */
  String echo(String name, String node) {
    String ports =
        """
        ports:
        - {name: http, containerPort: %1$d, hostPort: %2$d}
        startupProbe: # and none later: its packets would be among those that are shown
          httpGet: {path: /hostname, port: %1$d}
          periodSeconds: 1
          failureThreshold: 300
        """
            .formatted(Peer.PORT, NoPolicies.HOST_PORT)
            .stripTrailing()
            .indent(8);
    return deployment(name, "echo", node, wanted.serverImage(), SERVE, ports)
        + """
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: %1$s
          namespace: %2$s
          labels: {kind: echo}
        spec:
          type: NodePort
          ipFamilyPolicy: PreferDualStack
          selector: {name: %1$s}
          ports:
          - {name: http, port: %3$d, targetPort: %3$d}
        """
            .formatted(name, wanted.namespace(), Peer.PORT);
  }

  /** A pod in the network namespace of each node. */
  String hostNetns() {
    return """
    apiVersion: apps/v1
    kind: DaemonSet
    metadata:
      name: host-netns
      namespace: %s
      labels: {kind: host-netns}
    spec:
      selector:
        matchLabels: {name: host-netns}
      template:
        metadata:
          labels: {name: host-netns, kind: host-netns}
        spec:
          hostNetwork: true
          terminationGracePeriodSeconds: 0
          containers:
          - name: main
            image: %s
            imagePullPolicy: IfNotPresent
            command: [sh, -c, "exec sleep 1000000"]
    """
        .formatted(wanted.namespace(), wanted.clientImage());
  }

  /** Whichever server the image has; each answers /hostname with the name of the pod. */
  private static final String SERVE =
      "if [ -x /agnhost ]; then exec /agnhost netexec --http-port=%1$d --udp-port=-1; fi;"
              .formatted(Peer.PORT)
          + " mkdir -p /tmp/www && hostname > /tmp/www/hostname && cd /tmp/www;"
          + " if busybox httpd --help 2>&1 | grep -q Usage; then exec busybox httpd -f -p %1$d -h /tmp/www; fi;"
              .formatted(Peer.PORT)
          + " exec python3 -m http.server %1$d".formatted(Peer.PORT);

  private String deployment(
      String name, String kind, String node, String image, String command, String more) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: %1$s
      namespace: %2$s
      labels: {name: %1$s, kind: %3$s}
    spec:
      replicas: 1
      strategy: {type: Recreate}
      selector:
        matchLabels: {name: %1$s}
      template:
        metadata:
          labels: {name: %1$s, kind: %3$s}
        spec:
          nodeSelector: {kubernetes.io/hostname: "%4$s"}
          terminationGracePeriodSeconds: 0
          volumes:
          - {name: tmp, emptyDir: {}}
          containers:
          - name: main
            image: %5$s
            imagePullPolicy: IfNotPresent
            command: [sh, -c, "%6$s"]
            volumeMounts:
            - {name: tmp, mountPath: /tmp}
    """
            .formatted(name, wanted.namespace(), kind, node, image, command)
        + more;
  }
}
