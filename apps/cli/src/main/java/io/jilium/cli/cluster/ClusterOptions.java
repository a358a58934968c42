// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.verb.VerbException;
import io.jilium.source.kube.KubeConnection;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/**
 * Which cluster, and as whom: the options that every verb on a cluster has. Names and defaults are
 * those of Cilium's CLI. The cluster is that of {@code --kubeconfig}, else of {@code $KUBECONFIG},
 * else of {@code ~/.kube/config}, else the one in whose pod this runs.
 */
public final class ClusterOptions {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int RETRIES = 2;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "the kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)")
  private Optional<Path> kubeconfig = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "the kubeconfig's context (default: its current one)")
  private Optional<String> context = Optional.empty();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      defaultValue = "${env:JILIUM_NAMESPACE:-kube-system}",
      description = "where Jilium runs (default: $JILIUM_NAMESPACE, then kube-system)")
  private String namespace = "kube-system";

  @Option(names = "--as", paramLabel = "USER", description = "act as this user")
  private Optional<String> user = Optional.empty();

  @Option(
      names = "--as-group",
      paramLabel = "GROUP",
      description = "act as a member of this group; may be repeated")
  private List<String> groups = List.of();

  @Option(
      names = "--helm-release-name",
      paramLabel = "NAME",
      defaultValue = "jilium",
      description = "the Helm release (default: jilium)")
  private String release = "jilium";

  /** The namespace in which Jilium runs. */
  public String namespace() {
    return namespace;
  }

  /** The name of the Helm release. */
  public String release() {
    return release;
  }

  /** The same as words of a command line, for another verb on the same cluster. */
  public List<String> arguments() {
    var words = new ArrayList<String>();
    kubeconfig.ifPresent(file -> words.addAll(List.of("--kubeconfig", file.toString())));
    context.ifPresent(name -> words.addAll(List.of("--context", name)));
    user.ifPresent(name -> words.addAll(List.of("--as", name)));
    groups.forEach(group -> words.addAll(List.of("--as-group", group)));
    words.addAll(List.of("--namespace", namespace, "--helm-release-name", release));
    return words;
  }

  /**
   * Opens a client; nothing is sent yet.
   *
   * @throws VerbException when no cluster is named or the kubeconfig cannot be used
   */
  public KubernetesClient connect() {
    return KubeConnection.open(config());
  }

  /** The name that the kubeconfig gives to the cluster; empty inside a pod. */
  public Optional<String> clusterName() {
    return Optional.ofNullable(config().getCurrentContext())
        .map(NamedContext::getContext)
        .map(io.fabric8.kubernetes.api.model.Context::getCluster);
  }

  private Config config() {
    var builder =
        new ConfigBuilder(read())
            .withNamespace(namespace)
            .withConnectionTimeout(CONNECT_MILLIS)
            .withRequestRetryBackoffLimit(RETRIES);
    user.ifPresent(builder::withImpersonateUsername);
    if (!groups.isEmpty()) {
      builder.withImpersonateGroups(groups.toArray(String[]::new));
    }
    return builder.build();
  }

  private Config read() {
    List<File> files = files();
    for (File file : files) {
      if (!Files.isReadable(file.toPath())) {
        throw new VerbException(
            "cannot read the kubeconfig %s: give --kubeconfig FILE or set KUBECONFIG"
                .formatted(file));
      }
    }
    Config config;
    try {
      // Reads the same files; the property is the library's way to name them.
      kubeconfig.ifPresent(
          file -> System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, file.toString()));
      config = Config.autoConfigure(context.orElse(null));
    } catch (KubernetesClientException e) {
      throw new VerbException("cannot use the kubeconfig %s: %s".formatted(files, reason(e)), e);
    }
    check(config, files);
    return config;
  }

  private void check(Config config, List<File> files) {
    NamedContext current = config.getCurrentContext();
    if (context.isPresent() && (current == null || !context.get().equals(current.getName()))) {
      String known =
          config.getContexts().stream()
              .map(NamedContext::getName)
              .collect(Collectors.joining(", "));
      throw new VerbException(
          "the kubeconfig has no context %s; it has %s"
              .formatted(context.get(), known.isEmpty() ? "none" : known));
    }
    if (current == null && !files.isEmpty()) {
      throw new VerbException(
          "the kubeconfig %s has no current context: give --context NAME"
              .formatted(files.stream().map(File::toString).collect(Collectors.joining(":"))));
    }
    if (files.isEmpty() && config.getAutoOAuthToken() == null) {
      throw new VerbException(
          "no kubeconfig found: give --kubeconfig FILE or set KUBECONFIG (looked for ~/.kube/config)");
    }
  }

  /** The files that the library will read; empty when there is none. */
  private List<File> files() {
    if (kubeconfig.isPresent()) {
      return List.of(kubeconfig.get().toFile());
    }
    List<File> named = Config.getKubeconfigFilenames().stream().map(File::new).toList();
    boolean asked = System.getenv("KUBECONFIG") != null;
    return asked ? named : named.stream().filter(File::exists).toList();
  }

  private static String reason(Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(e.toString());
  }
}
