// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

/**
 * What an installation consists of. Names of objects and labels are the chart's; the order is that
 * of the lines beside the box.
 */
public enum Part {
  AGENT("Jilium", Kind.DAEMON_SET, "jilium", "k8s-app=jilium", "jilium-agent", true),
  OPERATOR(
      "Operator",
      Kind.DEPLOYMENT,
      "jilium-operator",
      "io.cilium/app=operator",
      "jilium-operator",
      true),
  ENVOY(
      "Envoy DaemonSet",
      Kind.DAEMON_SET,
      "jilium-envoy",
      "k8s-app=jilium-envoy",
      "jilium-envoy",
      false),
  RELAY(
      "Hubble Relay",
      Kind.DEPLOYMENT,
      "hubble-relay",
      "k8s-app=hubble-relay",
      "hubble-relay",
      false),
  CLUSTER_MESH(
      "ClusterMesh",
      Kind.DEPLOYMENT,
      "clustermesh-apiserver",
      "k8s-app=clustermesh-apiserver",
      "apiserver",
      false);

  /** The kind of object that runs it. */
  public enum Kind {
    DAEMON_SET("DaemonSet"),
    DEPLOYMENT("Deployment");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  private final String title;
  private final Kind kind;
  private final String object;
  private final String labels;
  private final String container;
  private final boolean required;

  Part(String title, Kind kind, String object, String labels, String container, boolean required) {
    this.title = title;
    this.kind = kind;
    this.object = object;
    this.labels = labels;
    this.container = container;
    this.required = required;
  }

  /** As written beside the box. */
  public String title() {
    return title;
  }

  public Kind kind() {
    return kind;
  }

  /** The name of the DaemonSet or Deployment. */
  public String object() {
    return object;
  }

  /** The selector of its pods. */
  public String labels() {
    return labels;
  }

  /** The main container of its pods. */
  public String container() {
    return container;
  }

  /** Whether an installation without it is broken; others may be disabled. */
  public boolean required() {
    return required;
  }
}
