// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the operator until it is told to stop. */
public final class Main {
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
    Operator operator;
    try {
      operator = Operator.start(options);
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
                  operator.close();
                  stopped.countDown();
                },
                "stop"));
    log.info(
        "operator {} of cluster {} at etcd {}",
        options.name(),
        options.settings().cluster().name(),
        options.etcd());
    stopped.await();
  }
}
