// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.verb.VerbException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A verb that talks to the API server of a cluster. */
@Command(mixinStandardHelpOptions = false)
public abstract class ClusterVerb implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  /**
   * Does it.
   *
   * @return the exit code: 0 done, 1 looked and found it wanting
   * @throws VerbException when it could not be done
   */
  protected abstract int run(KubernetesClient client, PrintWriter out);

  @Override
  public final Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (KubernetesClient client = cluster.connect()) {
      return run(out, client);
    }
  }

  private int run(PrintWriter out, KubernetesClient client) {
    try {
      int code = run(client, out);
      out.flush();
      return code;
    } catch (KubernetesClientException e) {
      throw ClusterFailure.of(e, client);
    }
  }

  /** The options that say which cluster. */
  protected final ClusterOptions cluster() {
    return cluster;
  }

  /** Wrong usage that the option parser cannot see. */
  protected final RuntimeException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
