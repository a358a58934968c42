// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/**
 * How many addresses a node needs of a pool ({@code ipam.mode=multi-pool}), those in use included.
 */
public record PoolDemand(String pool, int v4, int v6) {
  /** The pool of whoever names none, and of the node's own addresses. */
  public static final String DEFAULT = "default";
}
