// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator;

import io.jilium.core.settings.Settings;
import io.jilium.operator.kube.OperatorFlags;
import io.jilium.operator.serve.OperatorConfig;
import io.jilium.source.kube.ConfigDirectory;
import io.jilium.source.kube.KubeAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The command line. */
record Options(Place place, OperatorConfig config) {
  /** Where the cluster is. */
  sealed interface Place {
    /** In etcd. */
    record Etcd(String url) implements Place {}

    /** At a Kubernetes API server. */
    record Kubernetes(KubeAccess access, String namespace, OperatorFlags flags) implements Place {}
  }

  static final String USAGE =
      """
      Usage: jilium-operator --etcd URL [OPTION]...
             jilium-operator --k8s [OPTION]...
      Does what a cluster needs once: gives nodes their pod CIDRs, forgets nodes that
      are gone, removes identities that nobody uses. Of several operators one leads,
      the others wait.

        --etcd URL           http://host:port of etcd, several with commas
        --k8s                the cluster is at the Kubernetes API server
        --kubeconfig FILE    how to reach it, instead of by the pod's service account;
                             implies --k8s
        --namespace NAME     where operator and agents run (default: the pod's, else
                             kube-system)
        --cluster NAME       name of the cluster (cluster.name)
        --config-dir DIR     settings as a mounted ConfigMap: one file per flag
        --config FILE        settings as YAML, with the names of Cilium's Helm chart
        --set KEY=VALUE      one setting; wins over files; may stand often
        --name NAME          this operator's name in the election (default: host and process id)
        --listen [HOST:]PORT where /healthz and /metrics are answered
                             (default: operator.prometheus.port, 9963)
        --help               prints this
      """;

  private static final Set<String> NAMES =
      Set.of(
          "--etcd",
          "--k8s",
          "--kubeconfig",
          "--namespace",
          "--config",
          "--config-dir",
          "--name",
          "--listen");

  /** Where a container finds the namespace of its pod. */
  private static final Path OWN_NAMESPACE =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

  /** The command line is wrong. */
  static final class WrongUsage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongUsage(String message) {
      super(message);
    }
  }

  static Options parse(String... arguments) {
    Map<String, String> values = new HashMap<>();
    List<String> sets = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      int equals = option.indexOf('=');
      String value;
      if (option.equals("--k8s")) {
        value = "";
      } else if (option.startsWith("--") && equals > 0) {
        value = option.substring(equals + 1);
        option = option.substring(0, equals);
      } else if (option.startsWith("--") && i + 1 < arguments.length) {
        value = arguments[++i];
      } else {
        throw new WrongUsage(
            option.startsWith("--")
                ? "option " + option + " needs a value"
                : "unexpected argument \"" + option + "\"");
      }
      switch (option) {
        case "--cluster" -> sets.addFirst("cluster.name=" + value);
        case "--set" -> sets.add(value);
        default -> {
          if (!NAMES.contains(option)) {
            throw new WrongUsage("there is no option " + option);
          }
          values.put(option, value);
        }
      }
    }
    return of(values, sets);
  }

  private static Options of(Map<String, String> values, List<String> sets) {
    boolean kubernetes = values.containsKey("--k8s") || values.containsKey("--kubeconfig");
    Optional<String> etcd = value(values, "--etcd");
    if (etcd.isPresent() == kubernetes) {
      throw new WrongUsage(
          kubernetes ? "--etcd and --k8s: the cluster is at one of both" : "--etcd is missing");
    }
    Map<String, String> flags =
        value(values, "--config-dir").map(Path::of).map(ConfigDirectory::read).orElse(Map.of());
    Map<?, ?> yaml = value(values, "--config").map(Options::yaml).orElse(Map.of());
    Settings settings = Settings.of(List.of(flags), yaml, sets);
    String port = Integer.toString(settings.operator().metrics().port());
    var config =
        new OperatorConfig(
            value(values, "--name")
                .orElseGet(() -> hostName() + "-" + ProcessHandle.current().pid()),
            address(value(values, "--listen").orElse(port)),
            settings);
    return new Options(
        etcd.<Place>map(Place.Etcd::new).orElseGet(() -> kubernetes(values, settings, flags)),
        config);
  }

  private static Optional<String> value(Map<String, String> values, String option) {
    return Optional.ofNullable(values.get(option));
  }

  private static Place kubernetes(
      Map<String, String> values, Settings settings, Map<String, String> flags) {
    var api = settings.kubernetesApi();
    return new Place.Kubernetes(
        new KubeAccess(value(values, "--kubeconfig").map(Path::of), api.host(), api.port()),
        value(values, "--namespace").orElseGet(Options::ownNamespace),
        OperatorFlags.of(flags));
  }

  private static String ownNamespace() {
    try {
      return Files.readString(OWN_NAMESPACE).strip();
    } catch (IOException _) {
      return "kube-system";
    }
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
      throw new WrongUsage("--listen " + text + ": \"" + port + "\" is not a port");
    }
    int number = Integer.parseInt(port);
    return colon <= 0
        ? new InetSocketAddress(number)
        : new InetSocketAddress(text.substring(0, colon), number);
  }

  private static Map<?, ?> yaml(String file) {
    try {
      Object tree =
          new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(Path.of(file)));
      if (tree == null) {
        return Map.of();
      }
      if (tree instanceof Map<?, ?> map) {
        return map;
      }
      throw new IllegalArgumentException(file + " holds no settings");
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "settings cannot be read from " + file + ": " + e.getMessage(), e);
    } catch (YAMLException e) {
      throw new IllegalArgumentException(file + " is not YAML: " + e.getMessage(), e);
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "operator";
    }
  }
}
