// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A real etcd on free ports with its data in a directory of the test; it can be stopped, killed and
 * started again.
 */
public final class EtcdServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path directory;
  private final int clientPort;
  private final int peerPort;
  private Optional<Process> process = Optional.empty();

  private EtcdServer(Path directory, int clientPort, int peerPort) {
    this.directory = directory;
    this.clientPort = clientPort;
    this.peerPort = peerPort;
  }

  /** Starts etcd; the test is skipped when it is not installed. */
  public static EtcdServer start(Path directory) {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/etcd")),
        "etcd is not installed (Debian package etcd-server)");
    var server = new EtcdServer(directory, freePort(), freePort());
    server.restart();
    return server;
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code http://127.0.0.1:port}. */
  public String url() {
    return "http://127.0.0.1:" + clientPort;
  }

  /** Starts it with the data it had and waits until it answers. */
  public void restart() {
    String peer = "http://127.0.0.1:" + peerPort;
    try {
      process =
          Optional.of(
              new ProcessBuilder(
                      "/usr/bin/etcd",
                      "--data-dir=" + directory.resolve("data"),
                      "--listen-client-urls=" + url(),
                      "--advertise-client-urls=" + url(),
                      "--listen-peer-urls=" + peer,
                      "--initial-advertise-peer-urls=" + peer,
                      "--initial-cluster=default=" + peer)
                  .redirectErrorStream(true)
                  .redirectOutput(
                      ProcessBuilder.Redirect.appendTo(directory.resolve("etcd.log").toFile()))
                  .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Await.until("etcd answers at " + url(), PATIENCE, this::isHealthy);
  }

  private boolean isHealthy() {
    try {
      var connection = (HttpURLConnection) URI.create(url() + "/health").toURL().openConnection();
      connection.setConnectTimeout(500);
      connection.setReadTimeout(500);
      return connection.getResponseCode() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  /** Ends it at once, as kill -9. */
  public void kill() {
    process.ifPresent(running -> {
      running.destroyForcibly();
      await(running);
    });
    process = Optional.empty();
  }

  /** Forgets all data; only while it does not run. */
  public void wipe() {
    run("rm", "-rf", directory.resolve("data").toString());
  }

  /** Runs etcdctl against this server and returns what it printed. */
  public String control(String... arguments) {
    List<String> command = new ArrayList<>(List.of("/usr/bin/etcdctl", "--endpoints=" + url()));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  private static String run(String... command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("ETCDCTL_API", "3");
      Process running = builder.start();
      String output =
          new String(
              running.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      await(running);
      if (running.exitValue() != 0) {
        throw new AssertionError(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(Process process) {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("process " + process.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
