// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the API server is and who asks.
 *
 * @param kubeconfig empty: the service account of the container
 * @param host wins over what kubeconfig or service account say; empty when not set
 * @param port goes with host
 */
public record KubeAccess(Optional<Path> kubeconfig, String host, String port) {
  /** Where a container finds its token and the authority that signed the API server. */
  static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private static final String DEFAULT_PORT = "443";

  /** By a kubeconfig alone. */
  public static KubeAccess of(Path kubeconfig) {
    return new KubeAccess(Optional.of(kubeconfig), "", "");
  }

  /**
   * The URL of the API server if it is known without a kubeconfig: as set, else as the container's
   * environment says.
   */
  Optional<String> url(Map<String, String> environment) {
    if (!host.isEmpty()) {
      return Optional.of(url(host, port.isEmpty() ? DEFAULT_PORT : port));
    }
    var service = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    return kubeconfig.isPresent() || service.isEmpty()
        ? Optional.empty()
        : Optional.of(
            url(service, environment.getOrDefault("KUBERNETES_SERVICE_PORT", DEFAULT_PORT)));
  }

  private static String url(String host, String port) {
    if (host.contains("://")) {
      return host;
    }
    boolean bareV6 = host.indexOf(':') >= 0 && !host.startsWith("[");
    return "https://" + (bareV6 ? "[" + host + "]" : host) + ":" + port;
  }

  /** One sentence if nothing can come of it. */
  Optional<String> problem(Map<String, String> environment) {
    if (kubeconfig.isPresent()) {
      return Files.isReadable(kubeconfig.get())
          ? Optional.empty()
          : Optional.of("kubeconfig " + kubeconfig.get() + " cannot be read");
    }
    if (!Files.isReadable(SERVICE_ACCOUNT.resolve("token"))) {
      return Optional.of(
          "there is no service account at "
              + SERVICE_ACCOUNT
              + ": outside a pod give --kubeconfig");
    }
    return url(environment).isPresent()
        ? Optional.empty()
        : Optional.of(
            "neither k8sServiceHost nor KUBERNETES_SERVICE_HOST says where the API server is");
  }
}
