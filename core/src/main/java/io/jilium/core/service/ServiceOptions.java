// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

/**
 * How services are treated on this node.
 *
 * @param proxyName of services that carry the label service-proxy-name, those with another one are
 *     left alone; empty: those without
 * @param algorithm of what is reached from outside, unless the service says otherwise
 * @param topology whether hints of zones and nodes are followed
 * @param externalClusterIp whether cluster addresses serve the outside too
 */
public record ServiceOptions(
    String proxyName, Algorithm algorithm, boolean topology, boolean externalClusterIp) {
  /** As Kubernetes expects it. */
  public static final ServiceOptions DEFAULT =
      new ServiceOptions("", Algorithm.RANDOM, true, false);
}
