// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientImpl;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** How Jilium's processes reach the API server. */
public final class KubeConnection {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int REQUEST_MILLIS = 15_000;

  private KubeConnection() {}

  /** By the configuration; what it does not say is fabric8's default. */
  public static KubernetesClient open(Config config) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new OkHttpClientFactory())
        .build();
  }

  /**
   * For requests that block: whoever asks reads the answer on its own thread, which costs a third
   * of what handing it over from thread to thread costs.
   */
  static OkHttpClient http(Config config) {
    HttpClient.Factory factory = new OkHttpClientFactory();
    return ((OkHttpClientImpl) factory.newBuilder(config).build()).getOkHttpClient();
  }

  /** What proves who asks; empty when a certificate does. */
  static Supplier<String> token(Config config) {
    var provider = config.getOauthTokenProvider();
    if (provider != null) {
      return provider::getToken;
    }
    var given = Optional.ofNullable(config.getOauthToken());
    var found = given.or(() -> Optional.ofNullable(config.getAutoOAuthToken())).orElse("");
    return () -> found;
  }

  /**
   * As an agent or operator.
   *
   * @param userAgent {@code jilium-agent/VERSION}
   * @throws IllegalArgumentException saying what is missing
   */
  static Config config(KubeAccess access, String userAgent, Map<String, String> environment) {
    access
        .problem(environment)
        .ifPresent(problem -> {
          throw new IllegalArgumentException(problem);
        });
    var config =
        access
            .kubeconfig()
            .map(KubeConnection::fromFile)
            .orElseGet(KubeConnection::fromServiceAccount);
    access.url(environment).ifPresent(config::withMasterUrl);
    return config
        .withUserAgent(userAgent)
        .withConnectionTimeout(CONNECT_MILLIS)
        .withRequestTimeout(REQUEST_MILLIS)
        // Whoever asks knows better how long to wait before asking again.
        .withRequestRetryBackoffLimit(0)
        // A connection that lost its far end without a word takes all requests of HTTP/2 with it
        // for many minutes; of HTTP/1.1 it takes the one whose time limit closes it.
        .withHttp2Disable(true)
        .build();
  }

  private static ConfigBuilder fromFile(Path kubeconfig) {
    return new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()));
  }

  private static ConfigBuilder fromServiceAccount() {
    return new ConfigBuilder(Config.empty())
        .withCaCertFile(KubeAccess.SERVICE_ACCOUNT.resolve("ca.crt").toString())
        .withOauthTokenProvider(new TokenFile(KubeAccess.SERVICE_ACCOUNT.resolve("token")));
  }
}
