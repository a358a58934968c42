// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where everything of one lab lives; the name keeps several labs on one machine apart. */
record LabName(String value) {
  private static final Path RUN = Path.of("/run/jilium-lab");
  private static final Pattern SHAPE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?");

  LabName {
    if (!SHAPE.matcher(value).matches()) {
      throw new LabException(
          "lab name '%s': use 1 to 20 lower-case letters, digits and dashes".formatted(value));
    }
  }

  static Path all() {
    return RUN;
  }

  Path directory() {
    return RUN.resolve(value);
  }

  /** The root under which a node's /var/run/jilium, /etc/cni and /opt/cni stand. */
  Path nodeRoot(String node) {
    return directory().resolve(node);
  }

  Path agentSocket(String node) {
    return nodeRoot(node).resolve("var/run/jilium/agent.sock");
  }

  Path conflist(String node) {
    return nodeRoot(node).resolve("etc/cni/net.d/05-jilium.conflist");
  }

  Path pluginDirectory(String node) {
    return nodeRoot(node).resolve("opt/cni/bin");
  }

  Path plugin(String node) {
    return pluginDirectory(node).resolve("jilium-cni");
  }

  Path bpffs() {
    return Path.of("/sys/fs/bpf/jilium-lab", value);
  }

  /** Below a cgroup v2 mount. */
  Path cgroup(Path cgroupMount) {
    return cgroupMount.resolve("jilium-lab-" + value);
  }

  /** Named where `ip netns` looks, so that a user can use it too. */
  Path namespace(String host) {
    return Path.of("/run/netns", value + "-" + host);
  }

  Path podNamespace(String namespace, String pod) {
    return namespace("pod-" + namespace + "-" + pod);
  }
}
