// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jilium connectivity cleanup}. */
@Command(
    name = "cleanup",
    description = "Removes the namespace of the connectivity test, and waits until it is gone.",
    footer = {"%nExamples:", "  jilium connectivity cleanup"})
public final class ConnectivityCleanupVerb extends ClusterVerb {
  @Option(
      names = "--test-namespace",
      paramLabel = "NAME",
      description = "where the pods were made (default: jilium-test)")
  private String testNamespace = "jilium-test";

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    out.println(
        Artifacts.remove(client, testNamespace)
            ? "namespace %s is removed".formatted(testNamespace)
            : "there is no namespace " + testNamespace);
    return 0;
  }
}
