// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.List;
import java.util.Optional;

/**
 * The labs that the benchmarks share; each comes up when the first one asks, and all go down at the
 * end.
 */
final class Labs implements AutoCloseable {
  private final Progress progress;
  private Optional<LabCluster> tunnel = Optional.empty();
  private Optional<LabCluster> plain = Optional.empty();
  private Optional<LabCluster> proxy = Optional.empty();

  Labs(Progress progress) {
    this.progress = progress;
  }

  LabCluster tunnel() {
    var lab =
        tunnel.orElseGet(() -> LabCluster.up("tunnel", List.of("routingMode=tunnel"), progress));
    tunnel = Optional.of(lab);
    return lab;
  }

  LabCluster nativeRouting() {
    var settings =
        List.of(
            "routingMode=native",
            "autoDirectNodeRoutes=true",
            "ipv4NativeRoutingCIDR=10.244.0.0/16");
    var lab = plain.orElseGet(() -> LabCluster.up("native", settings, progress));
    plain = Optional.of(lab);
    return lab;
  }

  /** Whose agents balance services, for sockets and for packets. */
  LabCluster services() {
    var settings = List.of("routingMode=tunnel", "kubeProxyReplacement=true");
    var lab = proxy.orElseGet(() -> LabCluster.up("services", settings, progress));
    proxy = Optional.of(lab);
    return lab;
  }

  @Override
  public void close() {
    tunnel.ifPresent(LabCluster::close);
    plain.ifPresent(LabCluster::close);
    proxy.ifPresent(LabCluster::close);
  }
}
