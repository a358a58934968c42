// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * etcd, the API server, the controller manager and the scheduler of a cluster, each a process in
 * the namespace "control" that can be stopped and started while the nodes go on.
 */
public final class ControlPlane {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration END = Duration.ofSeconds(10);
  private static final String SCHEDULER = "kube-scheduler";
  private static final String CONTROLLERS = "kube-controller-manager";
  static final String PROXY = "kube-proxy";

  private final ClusterSpec spec;
  private final KubePrograms programs;
  private final ClusterPlaces places;
  private final ClusterNetwork network;
  private final Daemon etcd;
  private final Daemon server;
  private final Daemon scheduler;
  private final Daemon controllers;

  ControlPlane(
      ClusterSpec spec, KubePrograms programs, ClusterPlaces places, ClusterNetwork network) {
    this.spec = spec;
    this.programs = programs;
    this.places = places;
    this.network = network;
    this.etcd = daemon("etcd");
    this.server = daemon("kube-apiserver");
    this.scheduler = daemon(SCHEDULER);
    this.controllers = daemon(CONTROLLERS);
  }

  private Daemon daemon(String name) {
    return new Daemon(places.directory().resolve("run"), name);
  }

  /** Starts what does not run and waits until the API is ready. */
  void start() {
    var tokens = users();
    Certificates.serviceAccountKey(serviceAccountKey());
    Certificates.kubeletClient(
        places.kubeletClient(), places.directory().resolve("kubelet-client.key"));
    startEtcd();
    server.start(in("kube-apiserver").with(serverFlags()));
    Waiting.until(
        "the API server's certificate",
        PATIENCE,
        () -> Files.exists(places.certificate()) || !server.isRunning());
    for (var user : tokens.entrySet()) {
      Kubeconfig.write(
          places.kubeconfig(user.getKey()),
          places.name(),
          url(),
          places.certificate(),
          user.getValue());
    }
    awaitReady();
    startControllers();
  }

  /** {@code https://192.168.N.1:6443}. */
  public URI url() {
    return URI.create("https://" + network.controlAddress() + ":6443");
  }

  /** The API server's certificate chain, in PEM; its key is {@link #key}. */
  public Path certificate() {
    return places.certificate();
  }

  /** The private key to {@link #certificate}, for a proxy that stands for the server. */
  public Path key() {
    return places.certificate().resolveSibling("apiserver.key");
  }

  /** Kills the API server. */
  public void stopApiServer() {
    server.stop(Duration.ZERO);
  }

  /** Starts the API server and waits until it is ready. */
  public void startApiServer() {
    server.start(in("kube-apiserver").with(serverFlags()));
    awaitReady();
  }

  /** Kills etcd; the API server stays and can answer nothing. */
  public void stopEtcd() {
    etcd.stop(Duration.ZERO);
  }

  /** Starts etcd with the data it had. */
  public void startEtcd() {
    String peer = "http://127.0.0.1:2380";
    etcd.start(
        in("etcd")
            .with(
                List.of(
                    "--name=control",
                    "--data-dir=" + etcdData(),
                    "--unsafe-no-fsync",
                    "--listen-client-urls=http://127.0.0.1:2379",
                    "--advertise-client-urls=http://127.0.0.1:2379",
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=" + peer,
                    "--initial-cluster=control=" + peer)));
  }

  /** Writes a snapshot of etcd to a new file. */
  public void snapshot(Path file) {
    inControl("etcdctl", "--endpoints=127.0.0.1:2379", "snapshot", "save", file.toString())
        .environment("ETCDCTL_API", "3")
        .run();
  }

  /**
   * Gives etcd the data of a snapshot, as an administrator does: the whole control plane is stopped
   * before and started after. What was written since the snapshot is lost.
   */
  public void restore(Path snapshot) {
    stop();
    Command.of("rm", "-rf", etcdData().toString()).run();
    Command.of(programs.program("etcd").toString(), "snapshot", "restore", snapshot.toString())
        .with(
            List.of(
                "--name=control",
                "--data-dir=" + etcdData(),
                "--initial-cluster=control=http://127.0.0.1:2380",
                "--initial-advertise-peer-urls=http://127.0.0.1:2380",
                // Clients know later revisions than the snapshot's: they are told to list anew.
                "--bump-revision=1000000",
                "--mark-compacted"))
        .run();
    start();
  }

  void stop() {
    scheduler.stop(Duration.ZERO);
    controllers.stop(Duration.ZERO);
    server.stop(Duration.ZERO);
    etcd.stop(END);
  }

  /** A command in the control plane's network. */
  Command inControl(String... words) {
    return Command.of(
            "nsenter", "--net=" + ClusterPlaces.namespaceFile(places.controlNamespace()), "--")
        .with(List.of(words));
  }

  private Command in(String program) {
    return inControl(programs.program(program).toString());
  }

  private List<String> serverFlags() {
    return List.of(
        "--etcd-servers=http://127.0.0.1:2379",
        "--bind-address=" + network.controlAddress(),
        "--advertise-address=" + network.controlAddress(),
        "--cert-dir=" + places.certificate().getParent(),
        "--service-cluster-ip-range=" + spec.serviceCidrs(),
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + serviceAccountKey(),
        "--service-account-signing-key-file=" + serviceAccountKey(),
        "--token-auth-file=" + tokenFile(),
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged",
        "--kubelet-preferred-address-types=InternalIP",
        "--kubelet-client-certificate=" + places.kubeletClient(),
        "--kubelet-client-key=" + places.directory().resolve("kubelet-client.key"));
  }

  private void startControllers() {
    controllers.start(
        in(CONTROLLERS)
            .with(
                List.of(
                    "--kubeconfig=" + places.kubeconfig(CONTROLLERS),
                    "--use-service-account-credentials",
                    "--leader-elect=false",
                    "--secure-port=0",
                    "--allocate-node-cidrs",
                    "--cluster-cidr=" + spec.podCidrs(),
                    "--service-cluster-ip-range=" + spec.serviceCidrs(),
                    "--service-account-private-key-file=" + serviceAccountKey(),
                    "--root-ca-file=" + places.certificate())));
    scheduler.start(
        in(SCHEDULER)
            .with(
                List.of(
                    "--kubeconfig=" + places.kubeconfig(SCHEDULER),
                    "--leader-elect=false",
                    "--secure-port=0")));
  }

  private void awaitReady() {
    var ready =
        Command.of(programs.program("kubectl").toString())
            .with(List.of("--kubeconfig=" + places.adminKubeconfig(), "get", "--raw", "/readyz"));
    server.awaitAnswer("the API server", PATIENCE, ready);
  }

  /** Token by user; the API server reads them once, so every node that may ever come has one. */
  private Map<String, String> users() {
    try {
      if (!Files.exists(tokenFile())) {
        var lines = new ArrayList<String>();
        lines.add(user("admin", "admin", "system:masters"));
        for (String program : List.of(CONTROLLERS, SCHEDULER, PROXY)) {
          lines.add(
              user(
                  program,
                  "system:" + program,
                  program.equals(PROXY) ? "system:node-proxier" : ""));
        }
        for (int node = 1; node <= ClusterSpec.MAX_NODES; node++) {
          lines.add(user("node-" + node, "system:node:node-" + node, "system:nodes"));
        }
        Files.write(tokenFile(), lines);
      }
      var tokens = new LinkedHashMap<String, String>();
      for (String line : Files.readAllLines(tokenFile())) {
        String[] fields = line.split(",", -1);
        tokens.put(fields[2], fields[0]);
      }
      return tokens;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String user(String id, String name, String group) {
    return String.join(",", Certificates.token(), name, id, group);
  }

  private Path tokenFile() {
    return places.directory().resolve("tokens");
  }

  private Path serviceAccountKey() {
    return places.directory().resolve("service-accounts.key");
  }

  private Path etcdData() {
    return places.directory().resolve("etcd");
  }
}
