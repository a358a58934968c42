// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.etcd;

import io.jilium.core.settings.Settings;
import io.jilium.operator.serve.OperatorConfig;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.operator.serve.OperatorServer;
import io.jilium.source.etcd.Condition;
import io.jilium.source.etcd.Etcd;
import java.net.InetSocketAddress;
import java.time.Duration;

/** One operator process: constructs everything in order and closes it in reverse. */
public final class EtcdOperator implements AutoCloseable {
  /** A crashed leader is replaced after this time. */
  private static final Duration LEADER_LEASE = Duration.ofSeconds(15);

  private final Etcd etcd;
  private final OperatorServer server;
  private final LeaderElection election;

  private EtcdOperator(Etcd etcd, OperatorServer server, LeaderElection election) {
    this.etcd = etcd;
    this.server = server;
    this.election = election;
  }

  /** Starts against etcd at {@code http://host:port}. */
  public static EtcdOperator start(String url, OperatorConfig options) {
    return start(url, options, LEADER_LEASE);
  }

  static EtcdOperator start(String url, OperatorConfig options, Duration leaderLease) {
    Settings settings = options.settings();
    InetSocketAddress listen = options.listen();
    var metrics = new OperatorMetrics();
    var etcd = Etcd.connect(url);
    var election =
        new LeaderElection(
            etcd,
            options.name(),
            leaderLease,
            (Condition term) -> Duties.start(etcd, settings, term, metrics));
    OperatorServer server;
    try {
      server = new OperatorServer(listen);
    } catch (RuntimeException e) {
      etcd.close();
      throw e;
    }
    server.healthz(election::isHealthy, "etcd does not answer");
    server.start(options, metrics, election::isLeading);
    election.start();
    return new EtcdOperator(etcd, server, election);
  }

  boolean isLeading() {
    return election.isLeading();
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    election.close();
    server.close();
    etcd.close();
  }
}
