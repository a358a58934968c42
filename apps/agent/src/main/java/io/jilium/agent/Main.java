// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.core.settings.Settings;
import io.jilium.core.settings.SettingsException;
import io.jilium.source.kube.ConfigDirectory;
import io.jilium.source.kube.KubeAccess;
import io.jilium.source.kube.KubeApi;
import io.jilium.wire.JiliumVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The agent's process. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int STOP_SECONDS = 10;

  private Main() {}

  public static void main(String[] args) {
    if (List.of(args).contains("--help")) {
      System.out.print(AgentOptions.USAGE);
      return;
    }
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      var options = AgentOptions.parse(args, nodeName());
      Logging.configure(options.logLevel());
      if (options.cleanup()) {
        Cleanup.run(options);
        return 0;
      }
      return serve(options);
    } catch (AgentOptions.UsageException e) {
      System.err.println("agent: " + e.getMessage());
      return USAGE;
    } catch (SettingsException e) {
      e.problems().forEach(problem -> System.err.println("agent: " + problem));
      return FAILED;
    } catch (InterruptedException e) {
      return FAILED;
    } catch (RuntimeException e) {
      LOG.debug("the agent ends", e);
      System.err.println("agent: " + e.getMessage());
      return FAILED;
    }
  }

  /** A signal interrupts whatever this thread waits for; the process ends when all is closed. */
  private static int serve(AgentOptions options) throws InterruptedException {
    var serving = Thread.currentThread();
    var ended = new CountDownLatch(1);
    var api = api(options);
    var settings = settings(options, overrides(options, api));
    settings.ignored().forEach(LOG::info);
    try (var agent = new Agent(options, settings, api)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(serving, ended), "stop"));
      agent.start();
      new CountDownLatch(1).await();
      return 0;
    } finally {
      ended.countDown();
    }
  }

  private static void stop(Thread serving, CountDownLatch ended) {
    serving.interrupt();
    try {
      var _ = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where the API server is follows from the settings that do not come from it. */
  private static Optional<KubeApi> api(AgentOptions options) {
    if (!options.kubernetes()) {
      return Optional.empty();
    }
    var server = settings(options, Map.of()).kubernetesApi();
    var access = new KubeAccess(options.kubeconfig(), server.host(), server.port());
    return Optional.of(KubeApi.open(access, "jilium-agent/" + JiliumVersion.text()));
  }

  private static Map<String, String> overrides(AgentOptions options, Optional<KubeApi> api) {
    var remembered = options.stateDirectory().resolve("node-config");
    return api.map(server -> NodeOverrides.read(server, options.node(), remembered))
        .orElse(Map.of());
  }

  static Settings settings(AgentOptions options) {
    return settings(options, Map.of());
  }

  /** --cluster is the same as --set cluster.name, --log-level=debug the same as debug.enabled. */
  private static Settings settings(AgentOptions options, Map<String, String> overrides) {
    var sets = new ArrayList<String>();
    options.cluster().ifPresent(cluster -> sets.add("cluster.name=" + cluster));
    sets.addAll(options.overrides());
    var flags = new ArrayList<Map<String, String>>();
    options.configDirectory().map(ConfigDirectory::read).ifPresent(flags::add);
    flags.add(overrides);
    return Settings.of(flags, options.config().map(Main::yaml).orElse(Map.of()), sets);
  }

  private static Map<?, ?> yaml(Path path) {
    try {
      var loader = new Yaml(new SafeConstructor(new LoaderOptions()));
      Object tree = loader.load(Files.readString(path));
      return switch (tree) {
        case null -> Map.of();
        case Map<?, ?> map -> map;
        default -> throw new IllegalArgumentException("settings file " + path + " is not a map");
      };
    } catch (YAMLException e) {
      var text = String.valueOf(e.getMessage()).strip();
      throw new IllegalArgumentException(
          "settings file " + path + " is not YAML: " + text.lines().findFirst().orElse(""), e);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no settings file " + path, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "settings file " + path + " cannot be read: " + e.getClass().getSimpleName(), e);
    }
  }

  /** A DaemonSet tells every pod the name of its Node. */
  private static String nodeName() {
    var told = System.getenv().getOrDefault("K8S_NODE_NAME", "");
    return told.isEmpty() ? hostName() : told;
  }

  private static String hostName() {
    try {
      return Optional.ofNullable(InetAddress.getLocalHost().getHostName()).orElse("node");
    } catch (UnknownHostException e) {
      return "node";
    }
  }
}
