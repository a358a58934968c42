// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.serve;

import io.jilium.core.ipam.ClusterPool;
import io.jilium.core.ipam.NodeCidrs;
import io.jilium.core.settings.Settings;
import java.util.Optional;

/** The ranges of {@code ipam.operator.*}, as the decisions about them want them. */
public final class ClusterPools {
  private ClusterPools() {}

  /** With a pool for each family that is on. */
  public static NodeCidrs of(Settings settings) {
    return new NodeCidrs(
        settings.families().v4() ? Optional.of(pool(settings.ipam().v4())) : Optional.empty(),
        settings.families().v6() ? Optional.of(pool(settings.ipam().v6())) : Optional.empty());
  }

  private static ClusterPool pool(Settings.Pool pool) {
    return new ClusterPool(pool.cidrs(), pool.maskSize());
  }
}
