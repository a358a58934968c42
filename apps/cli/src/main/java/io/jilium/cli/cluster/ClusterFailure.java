// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.verb.VerbException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What the API server, or the way to it, refused, as a sentence. */
public final class ClusterFailure {
  private ClusterFailure() {}

  /**
   * The exception as one of ours.
   *
   * @param client which was asked
   */
  public static VerbException of(KubernetesClientException e, KubernetesClient client) {
    return new VerbException(sentence(e, String.valueOf(client.getMasterUrl())), e);
  }

  private static String sentence(KubernetesClientException e, String server) {
    String said = Optional.ofNullable(e.getStatus()).map(Status::getMessage).orElse("").strip();
    return switch (e.getCode()) {
      case 401 -> "the API server does not know this user: check the kubeconfig's credentials";
      case 403 ->
          "the API server forbids it: %s".formatted(said.isEmpty() ? "no reason given" : said);
      case -1, 0 -> unreachable(e, server); // no answer at all
      default ->
          "the API server answered %d: %s".formatted(e.getCode(), said.isEmpty() ? first(e) : said);
    };
  }

  private static String unreachable(KubernetesClientException e, String server) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ConnectException _ -> {
          return "no API server answers at %s: check the kubeconfig's server".formatted(server);
        }
        case UnknownHostException _ -> {
          return "the name of the API server %s is not known: check the kubeconfig's server"
              .formatted(server);
        }
        case InterruptedIOException _ -> {
          return "the API server at %s does not answer in time".formatted(server);
        }
        case SSLException ssl -> {
          return "no TLS connection to the API server at %s: %s".formatted(server, first(ssl));
        }
        default -> {}
      }
    }
    return "the API server cannot be asked: " + first(e);
  }

  private static String first(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }
}
