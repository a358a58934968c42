// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator;

import io.jilium.core.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The command line.
 *
 * @param listen where /healthz and /metrics are answered
 */
record Options(String etcd, String name, InetSocketAddress listen, Settings settings) {
  static final String USAGE =
      """
      Usage: jilium-operator --etcd URL [OPTION]...
      Does what a cluster needs once: gives nodes their pod CIDRs, forgets nodes that
      are gone, removes identities that nobody uses. Of several operators one leads,
      the others wait.

        --etcd URL           http://host:port of etcd, several with commas
        --cluster NAME       name of the cluster (cluster.name)
        --config FILE        settings as YAML, with the names of Cilium's Helm chart
        --set KEY=VALUE      one setting; wins over the file; may stand often
        --name NAME          this operator's name in the election (default: host and process id)
        --listen [HOST:]PORT where /healthz and /metrics are answered
                             (default: operator.prometheus.port, 9963)
        --help               prints this
      """;

  /** The command line is wrong. */
  static final class WrongUsage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongUsage(String message) {
      super(message);
    }
  }

  static Options parse(String... arguments) {
    Optional<String> etcd = Optional.empty();
    Optional<String> config = Optional.empty();
    Optional<String> name = Optional.empty();
    Optional<String> listen = Optional.empty();
    List<String> sets = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      int equals = option.indexOf('=');
      String value;
      if (option.startsWith("--") && equals > 0) {
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
        case "--etcd" -> etcd = Optional.of(value);
        case "--cluster" -> sets.addFirst("cluster.name=" + value);
        case "--config" -> config = Optional.of(value);
        case "--set" -> sets.add(value);
        case "--name" -> name = Optional.of(value);
        case "--listen" -> listen = Optional.of(value);
        default -> throw new WrongUsage("there is no option " + option);
      }
    }
    if (etcd.isEmpty()) {
      throw new WrongUsage("--etcd is missing");
    }
    Settings settings = Settings.of(config.map(Options::yaml).orElse(Map.of()), sets);
    return new Options(
        etcd.get(),
        name.orElseGet(() -> hostName() + "-" + ProcessHandle.current().pid()),
        address(listen.orElseGet(() -> Integer.toString(settings.operator().metrics().port()))),
        settings);
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
