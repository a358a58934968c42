// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A real kube-apiserver over a real etcd on free ports of this machine, without nodes: ready in
 * about five seconds. Needs no root. For tests tagged {@code kube}; where Kubernetes can't be
 * compiled the test is skipped.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ADMIN_TOKEN = "admin";

  private final KubePrograms programs;
  private final Path directory;
  private final int port = freePort();
  private final int etcdPort = freePort();
  private final int etcdPeerPort = freePort();
  private final boolean controllers;
  private final Daemon etcd;
  private final Daemon server;
  private final Daemon controllerManager;
  private final Thread atExit = new Thread(this::stopAll, "stop-api-server");

  private ApiServer(KubePrograms programs, Path directory, boolean controllers) {
    this.programs = programs;
    this.directory = directory;
    this.controllers = controllers;
    this.etcd = new Daemon(directory, "etcd");
    this.server = new Daemon(directory, "kube-apiserver");
    this.controllerManager = new Daemon(directory, "kube-controller-manager");
  }

  /** Starts one whose objects nobody acts upon: what is written stays as it is. */
  public static ApiServer start(Path directory) {
    return start(directory, false);
  }

  /**
   * Starts one with the controller manager beside: service accounts, garbage collection, the end of
   * namespaces. Only the life of nodes is not judged.
   */
  public static ApiServer startWithControllers(Path directory) {
    return start(directory, true);
  }

  private static ApiServer start(Path directory, boolean controllers) {
    var api = new ApiServer(KubePrograms.assumed(), directory, controllers);
    try {
      Runtime.getRuntime().addShutdownHook(api.atExit);
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("tokens"), ADMIN_TOKEN + ",admin,admin,system:masters\n");
      Certificates.serviceAccountKey(directory.resolve("service-accounts.key"));
      api.startEtcd();
      api.restart();
      return api;
    } catch (IOException e) {
      api.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      api.close();
      throw e;
    }
  }

  /** {@code https://127.0.0.1:port}. */
  public URI url() {
    return URI.create("https://127.0.0.1:" + port);
  }

  /** The administrator's kubeconfig. */
  public Path kubeconfig() {
    return directory.resolve("admin.conf");
  }

  /** The server's certificate chain, in PEM; its key is {@link #key}. */
  public Path certificate() {
    return directory.resolve("certificates/apiserver.crt");
  }

  /** The private key to {@link #certificate}, for a proxy that stands for the server. */
  public Path key() {
    return directory.resolve("certificates/apiserver.key");
  }

  /** Makes a service account if there is none, and a kubeconfig that acts as it, for an hour. */
  public Path serviceAccount(String namespace, String name) {
    apply(
        """
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": "%s", "name": "%s"}}
        """
            .formatted(namespace, name));
    String token = kubectl("create", "token", name, "-n", namespace).strip();
    var file = directory.resolve(namespace + "-" + name + ".conf");
    return Kubeconfig.write(file, "test", url(), certificate(), token);
  }

  /** Runs kubectl as the administrator; returns what it printed, fails if it does. */
  public String kubectl(String... arguments) {
    return kubectlCommand().with(List.of(arguments)).run();
  }

  /** Applies objects written as YAML or JSON, by the server. */
  public String apply(String objects) {
    return kubectlCommand()
        .with(List.of("apply", "--server-side", "--force-conflicts", "-f", "-"))
        .input(objects)
        .run();
  }

  /** kubectl as the administrator, to be completed. */
  public Command kubectlCommand() {
    return Command.of(
        programs.program("kubectl").toString(), "--kubeconfig=" + kubeconfig().toString());
  }

  /** Ends the API server at once, as a crash; etcd keeps what was written. */
  public void stop() {
    server.stop(Duration.ZERO);
  }

  /** Starts it again on the same port and waits until it is ready. */
  public void restart() {
    startServer();
    awaitReady();
    if (controllers) {
      startControllerManager();
    }
  }

  /** Ends etcd at once: the API server stays and can answer nothing. */
  public void stopEtcd() {
    etcd.stop(Duration.ZERO);
  }

  /** Starts etcd with the data it had. */
  public void startEtcd() {
    String client = "http://127.0.0.1:" + etcdPort;
    String peer = "http://127.0.0.1:" + etcdPeerPort;
    etcd.start(
        Command.of(
            programs.program("etcd").toString(),
            "--data-dir=" + directory.resolve("etcd"),
            "--unsafe-no-fsync",
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=default=" + peer));
  }

  private void startServer() {
    var words =
        new ArrayList<>(
            List.of(
                programs.program("kube-apiserver").toString(),
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                // A loopback address is refused here; nobody uses this one.
                "--advertise-address=192.0.2.1",
                "--endpoint-reconciler-type=none",
                "--cert-dir=" + directory.resolve("certificates"),
                "--service-cluster-ip-range=10.96.0.0/16",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + directory.resolve("service-accounts.key"),
                "--service-account-signing-key-file=" + directory.resolve("service-accounts.key"),
                "--token-auth-file=" + directory.resolve("tokens"),
                "--authorization-mode=RBAC",
                "--allow-privileged"));
    if (!controllers) {
      // It would wait for the service account "default", which a controller makes.
      words.add("--disable-admission-plugins=ServiceAccount");
    }
    server.start(Command.of(words));
  }

  private void awaitReady() {
    Waiting.until(
        "the API server's certificate",
        PATIENCE,
        () -> Files.exists(certificate()) || !server.isRunning());
    if (Files.exists(certificate())) {
      Kubeconfig.write(kubeconfig(), "test", url(), certificate(), ADMIN_TOKEN);
    }
    var ready = kubectlCommand().with(List.of("get", "--raw", "/readyz"));
    server.awaitAnswer("the API server", PATIENCE, ready);
  }

  private void startControllerManager() {
    controllerManager.start(
        Command.of(
            programs.program("kube-controller-manager").toString(),
            "--kubeconfig=" + kubeconfig(),
            "--leader-elect=false",
            "--secure-port=0",
            "--controllers=*,-node-lifecycle-controller",
            "--root-ca-file=" + certificate(),
            "--service-account-private-key-file=" + directory.resolve("service-accounts.key")));
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stopAll() {
    controllerManager.stop(Duration.ZERO);
    server.stop(Duration.ZERO);
    etcd.stop(Duration.ZERO);
  }

  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      // This is the shutdown.
    }
  }
}
