// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;

/** How Jilium's processes reach the API server. */
public final class KubeConnection {
  private KubeConnection() {}

  /** By the configuration; what it does not say is fabric8's default. */
  public static KubernetesClient open(Config config) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new JdkHttpClientFactory())
        .build();
  }
}
