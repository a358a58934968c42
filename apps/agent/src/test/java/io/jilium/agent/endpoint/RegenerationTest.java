// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the cluster is told of an endpoint is the state that it came to. */
class RegenerationTest {
  @TempDir Path directory;

  /** Does nothing, or fails; notes what is told. */
  private static final class Notebook implements EndpointDatapath {
    private final List<EndpointState> told = new ArrayList<>();
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    @Override
    public void attach(Endpoint endpoint) {}

    @Override
    public CompletableFuture<Void> put(Endpoint endpoint) {
      return answer;
    }

    @Override
    public void settled(Endpoint endpoint) {
      told.add(endpoint.state());
    }

    @Override
    public CompletableFuture<Void> remove(Endpoint endpoint) {
      return answer;
    }

    @Override
    public List<String> verify(Endpoint endpoint) {
      return List.of();
    }

    @Override
    public void prune(Set<Integer> endpointIds) {}
  }

  private final Notebook datapath = new Notebook();
  private final Entry entry =
      new Entry(new EndpointRow(SomeEndpoint.of(7, "web"), "", "", Instant.EPOCH), "jilium");

  private Regeneration regeneration() {
    var identities = new FixedIdentities();
    var platform =
        new EndpointPlatform(
            new PoolAddresses("10.200.0.0/16", "fd00:200::/64"),
            identities,
            datapath,
            Optional::empty,
            Optional::empty);
    return new Regeneration(
        new EndpointTable(),
        new EndpointStore(directory),
        platform,
        new IdentityLeases(identities),
        Runnable::run,
        (_, task) -> task.run());
  }

  @Test
  void readyWhenTheKernelHasIt() {
    regeneration().regenerate(entry).join();
    assertThat(datapath.told).containsExactly(EndpointState.READY);
  }

  @Test
  void notReadyWhenTheKernelRefuses() {
    datapath.answer = CompletableFuture.failedFuture(new IllegalStateException("the map is full"));
    regeneration().regenerate(entry).join();
    assertThat(datapath.told).containsExactly(EndpointState.NOT_READY);
  }

  @Test
  void notReadyWhenItsDeviceIsGone() {
    regeneration().fail(entry, "device lxc7 is gone");
    assertThat(datapath.told).containsExactly(EndpointState.NOT_READY);
  }
}
