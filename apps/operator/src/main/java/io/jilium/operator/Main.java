// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator;

import io.jilium.operator.Options.Place;
import io.jilium.operator.etcd.EtcdOperator;
import io.jilium.operator.kube.KubeOperator;
import io.jilium.operator.kube.OperatorFlags;
import io.jilium.source.kube.KubeAccess;
import io.jilium.source.kube.KubeApi;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the operator until it is told to stop. */
public final class Main {
  /** Of the agents' pods, as the chart has them. */
  private static final Map<String, String> AGENT_LABELS = Map.of("k8s-app", "jilium");

  private Main() {}

  /** Exit code 1 for a failure, 2 for wrong usage. */
  public static void main(String[] arguments) throws InterruptedException {
    if (Arrays.asList(arguments).contains("--help")) {
      System.out.print(Options.USAGE);
      return;
    }
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (Options.WrongUsage e) {
      System.err.println("jilium-operator: " + e.getMessage() + " (--help tells more)");
      System.exit(2);
      return;
    } catch (IllegalArgumentException e) {
      System.err.println("jilium-operator: " + e.getMessage());
      System.exit(1);
      return;
    }
    run(options);
  }

  private static void run(Options options) throws InterruptedException {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tLZ %4$s %3$s: %5$s%6$s%n");
    Logger log = LoggerFactory.getLogger(Main.class);
    AutoCloseable operator;
    try {
      operator = start(options);
    } catch (RuntimeException e) {
      System.err.println("jilium-operator: " + e.getMessage());
      System.exit(1);
      return;
    }
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  close(operator);
                  stopped.countDown();
                },
                "stop"));
    log.info(
        "operator {} of cluster {} at {}",
        options.config().name(),
        options.config().settings().cluster().name(),
        options.place() instanceof Place.Etcd(String url) ? "etcd " + url : "Kubernetes");
    stopped.await();
  }

  private static AutoCloseable start(Options options) {
    return switch (options.place()) {
      case Place.Etcd(String url) -> EtcdOperator.start(url, options.config());
      case Place.Kubernetes(KubeAccess access, String namespace, OperatorFlags flags) ->
          KubeOperator.start(
              KubeApi.open(access, "jilium-operator"),
              options.config(),
              new KubeOperator.Surroundings(namespace, AGENT_LABELS, flags));
    };
  }

  private static void close(AutoCloseable operator) {
    try {
      operator.close();
    } catch (Exception e) {
      System.err.println("jilium-operator: " + e.getMessage());
    }
  }
}
