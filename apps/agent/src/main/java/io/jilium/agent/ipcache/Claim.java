// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.ipcache;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * What one resource says of a prefix.
 *
 * @param resource who says it, such as {@code node/default/node-2}; decides between equal sources
 * @param tunnelEndpoint the node that has the prefix, unless it is this node or outside the cluster
 * @param flags of {@link io.jilium.datapath.IpcacheFlag}
 */
public record Claim(
    String resource,
    ClaimSource source,
    NumericIdentity identity,
    Optional<IpAddress> tunnelEndpoint,
    int flags,
    int encryptKey,
    PodName pod) {
  private static final Comparator<Claim> PRECEDENCE =
      Comparator.comparing(Claim::source).thenComparing(Claim::resource);

  /**
   * What holds for a prefix of which several resources speak. The claim of the most trusted source
   * wins as a whole: an identity of one and a tunnel endpoint of another would send packets to a
   * node that does not have the address.
   */
  public static Optional<Claim> winner(Collection<Claim> claims) {
    return claims.stream().min(PRECEDENCE);
  }
}
