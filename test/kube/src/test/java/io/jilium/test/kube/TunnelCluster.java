// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.ClusterSpec;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * Gives tests the one cluster that they share: two nodes, tunnel, kube-proxy with iptables. It goes
 * with the last test. A test leaves it as it found it.
 */
final class TunnelCluster implements ParameterResolver {
  /** Held by every test that uses it. */
  static final String LOCK = "the tunnel's cluster";

  /** Names a cluster of `./jilium kube` in which Jilium runs, for tests again and again. */
  private static final String EXISTING = "jilium.kube.cluster";

  private static final Namespace HERE = Namespace.create(TunnelCluster.class);

  /** The cluster, or why there is none: it is not tried again for every test. */
  private record Attempt(Optional<JiliumCluster> cluster, Optional<Throwable> failure)
      implements AutoCloseable {
    static Attempt make() {
      try {
        var existing = Optional.ofNullable(System.getProperty(EXISTING));
        var cluster =
            existing.isPresent()
                ? JiliumCluster.existing(existing.get())
                : JiliumCluster.installed(
                    ClusterSpec.of("tunnel-" + ProcessHandle.current().pid()));
        return new Attempt(Optional.of(cluster), Optional.empty());
      } catch (Throwable e) {
        return new Attempt(Optional.empty(), Optional.of(e));
      }
    }

    JiliumCluster get() {
      if (failure.orElse(null) instanceof TestAbortedException skipped) {
        throw skipped;
      }
      failure.ifPresent(why -> {
        throw new AssertionError("no cluster with Jilium", why);
      });
      return cluster.orElseThrow();
    }

    @Override
    public void close() {
      cluster.ifPresent(JiliumCluster::close);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == JiliumCluster.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(HERE)
        .computeIfAbsent("cluster", _ -> Attempt.make(), Attempt.class)
        .get();
  }
}
