// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.operator.kube.LeaseElection.Timing;
import io.jilium.source.kube.KubeAccess;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.Resource;
import io.jilium.test.kit.Await;
import io.jilium.test.kube.kit.ApiServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a Lease whose holder has another time of day. */
@Tag("kube")
class LeaseElectionTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int LEASE_SECONDS = 3;
  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(LEASE_SECONDS), Duration.ofSeconds(2), Duration.ofMillis(200));

  private static ApiServer server;
  private static KubeApi api;
  private final List<LeaseElection> elections = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // set before all
  LeaseElectionTest() {}

  @BeforeAll
  static void start(@TempDir Path directory) {
    server = ApiServer.start(directory);
    api = KubeApi.open(KubeAccess.of(server.kubeconfig()), "test");
  }

  @AfterEach
  void resign() {
    elections.forEach(LeaseElection::close);
  }

  @AfterAll
  static void stop() {
    api.close();
    server.close();
  }

  private LeaseElection startHere(String namespace) {
    var election = new LeaseElection(api, namespace, "here", TIMING, _ -> () -> {});
    elections.add(election);
    election.start();
    return election;
  }

  private static void renewedElsewhere(String namespace, int hours) {
    var time = Instant.now().plus(hours, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MICROS);
    ObjectNode lease = KubeApi.JSON.createObjectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("name", LeaseElection.LEASE);
    lease
        .putObject("spec")
        .put("holderIdentity", "there")
        .put("leaseDurationSeconds", LEASE_SECONDS)
        .put("renewTime", time.toString());
    var _ = api.apply(Resource.LEASES.pathIn(namespace, LeaseElection.LEASE), lease);
  }

  @Test
  void aHolderWhoseClockIsBehindKeepsTheLeaseAsLongAsItRenewsIt() {
    renewedElsewhere("default", -1);
    var election = startHere("default");
    boolean led =
        Await.holds(
            Duration.ofSeconds(2 * LEASE_SECONDS),
            TIMING.retry(),
            () -> {
              renewedElsewhere("default", -1);
              return election.isLeading();
            });
    assertThat(led).isFalse();
    Await.until("the lease is taken over", LIMIT, election::isLeading);
  }

  @Test
  void aHolderWhoseClockIsAheadDoesNotKeepTheLeaseByThat() {
    renewedElsewhere("kube-system", 1);
    var election = startHere("kube-system");
    Await.until("the lease is taken over", LIMIT, election::isLeading);
    assertThat(
            server.kubectl(
                "-n",
                "kube-system",
                "get",
                "lease",
                LeaseElection.LEASE,
                "-o",
                "jsonpath={.spec.holderIdentity}"))
        .isEqualTo("here");
  }
}
