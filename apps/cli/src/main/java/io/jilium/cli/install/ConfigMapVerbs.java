// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.jilium.cli.cluster.ClusterOptions;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.verb.VerbException;
import io.jilium.core.settings.NearestName;
import io.jilium.core.settings.Settings;
import io.jilium.core.settings.SettingsException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jilium config view|set|delete}: the ConfigMap that agents and operators read. */
public final class ConfigMapVerbs {
  private static final String NAME = "jilium-config";

  private ConfigMapVerbs() {}

  private static Resource<ConfigMap> resource(KubernetesClient client, String namespace) {
    return client.configMaps().inNamespace(namespace).withName(NAME);
  }

  private static Map<String, String> read(KubernetesClient client, String namespace) {
    ConfigMap map = resource(client, namespace).get();
    if (map == null) {
      throw new VerbException(
          "there is no ConfigMap %s in namespace %s: jilium install makes it"
              .formatted(NAME, namespace));
    }
    return new TreeMap<>(Optional.ofNullable(map.getData()).orElse(Map.of()));
  }

  /** Writes what agents will accept. */
  private static void write(
      KubernetesClient client, String namespace, Map<String, String> settings) {
    try {
      Settings.of(List.of(settings), Map.of(), List.of());
    } catch (SettingsException e) {
      throw new VerbException(String.join("; ", e.problems()), e);
    }
    resource(client, namespace)
        .edit(map -> {
          map.setData(settings);
          return map;
        });
  }

  /** Whether and how the pods learn of a change. */
  private static final class RestartOption {
    @Option(
        names = "--restart",
        negatable = true,
        defaultValue = "true",
        fallbackValue = "true",
        description = "restart the pods, which read it when they start (default)")
    private boolean restart = true;

    void apply(KubernetesClient client, ClusterOptions cluster, PrintWriter out) {
      if (restart) {
        new Objects(client, cluster.release(), cluster.namespace()).roll();
        out.println("♻️  Restarted Jilium pods");
      }
    }
  }

  /** {@code jilium config view}. */
  @Command(
      name = "view",
      description = "The settings of the cluster: the ConfigMap jilium-config.",
      footer = {"%nExamples:", "  jilium config view"})
  public static final class View extends ClusterVerb {
    @Override
    protected int run(KubernetesClient client, PrintWriter out) {
      Map<String, String> settings = read(client, cluster().namespace());
      int width = settings.keySet().stream().mapToInt(String::length).max().orElse(0);
      settings.forEach((key, value) ->
          out.println((key + " ".repeat(width - key.length() + 4) + value).stripTrailing()));
      return 0;
    }
  }

  /** {@code jilium config set}. */
  @Command(
      name = "set",
      description = {
        "Sets a key of the ConfigMap jilium-config and restarts the pods.",
        "The next upgrade sets it back, unless it is told the same by --set."
      },
      footer = {"%nExamples:", "  jilium config set debug true"})
  public static final class Set extends ClusterVerb {
    @Parameters(index = "0", paramLabel = "KEY", description = "name of the agent's flag")
    private String key = "";

    @Parameters(index = "1", paramLabel = "VALUE", description = "its value")
    private String value = "";

    @Mixin private RestartOption restart = new RestartOption();

    @Override
    protected int run(KubernetesClient client, PrintWriter out) {
      Map<String, String> settings = read(client, cluster().namespace());
      settings.put(key, value);
      write(client, cluster().namespace(), settings);
      out.println("✨ Patching ConfigMap %s with %s=%s...".formatted(NAME, key, value));
      restart.apply(client, cluster(), out);
      return 0;
    }
  }

  /** {@code jilium config delete}. */
  @Command(
      name = "delete",
      description = {
        "Takes a key out of the ConfigMap jilium-config and restarts the pods,",
        "which go on with the default."
      },
      footer = {"%nExamples:", "  jilium config delete debug"})
  public static final class Delete extends ClusterVerb {
    @Parameters(index = "0", paramLabel = "KEY", description = "name of the agent's flag")
    private String key = "";

    @Mixin private RestartOption restart = new RestartOption();

    @Override
    protected int run(KubernetesClient client, PrintWriter out) {
      Map<String, String> settings = read(client, cluster().namespace());
      if (settings.remove(key) == null) {
        throw new VerbException(
            "the ConfigMap %s has no key %s%s"
                .formatted(
                    NAME,
                    key,
                    NearestName.of(key, settings.keySet())
                        .map("; did you mean %s?"::formatted)
                        .orElse("")));
      }
      write(client, cluster().namespace(), settings);
      out.println("✨ Removing key %s from ConfigMap %s...".formatted(key, NAME));
      restart.apply(client, cluster(), out);
      return 0;
    }
  }
}
