// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Whose status is asked for: both have one, and the words are the same. */
enum Whose {
  AGENT,
  CLUSTER;

  private static final Path AGENT_SOCKET = Path.of("/var/run/jilium/agent.sock");
  private static final Set<String> OF_AGENT =
      Set.of("--node", "--lab", "--root", "--socket", "--verbose", "--brief");
  private static final Set<String> OF_CLUSTER =
      Set.of(
          "--kubeconfig",
          "--context",
          "-n",
          "--namespace",
          "--as",
          "--as-group",
          "--helm-release-name",
          "--wait",
          "--wait-duration",
          "--interactive",
          "--no-interactive",
          "--ignore-warnings",
          "--worker-count");

  /** By the options; else the agent's where one runs, the cluster's where one is known. */
  static Whose status(String... arguments) {
    return status(Arrays.asList(arguments), Files.exists(AGENT_SOCKET), clusterIsKnown());
  }

  static Whose status(List<String> arguments, boolean agentRuns, boolean clusterIsKnown) {
    var options = arguments.stream().map(word -> word.replaceFirst("=.*", "")).toList();
    if (options.stream().anyMatch(OF_AGENT::contains)) {
      return AGENT;
    }
    if (options.stream().anyMatch(OF_CLUSTER::contains)) {
      return CLUSTER;
    }
    return agentRuns || !clusterIsKnown ? AGENT : CLUSTER;
  }

  /** What the Kubernetes client would find, without loading it. */
  private static boolean clusterIsKnown() {
    String home = System.getenv("HOME");
    return System.getenv("KUBECONFIG") != null
        || System.getenv("KUBERNETES_SERVICE_HOST") != null
        || (home != null && Files.exists(Path.of(home, ".kube/config")));
  }
}
