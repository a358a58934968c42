// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The cluster as one node sees it and writes to it. What is published is desired state: it is kept
 * in memory, written as soon as the store can be reached, and written again when the store lost it.
 * No method blocks.
 */
public interface ClusterStore extends AutoCloseable {
  /** What {@code node list} prints as the source: {@code kvstore} or {@code custom-resource}. */
  String sourceName();

  /**
   * Starts watching. Batches come in order on one thread of the store; the listener only hands them
   * on. Objects that vanished while the store was away are reported as gone only after a complete
   * new list. To be called once.
   */
  void start(Consumer<List<ClusterEvent>> listener);

  /** As last known. */
  Connectivity connectivity();

  /** What the store refuses although it can be reached, one sentence each. */
  List<String> troubles();

  /** Publishes the own node, or publishes it anew. The pod CIDRs given to it come as events. */
  void publishNode(Node node);

  /**
   * Publishes an own endpoint, instead of what was published under its id before.
   *
   * @param host the node's address, the tunnel's far end
   */
  void publishEndpoint(Endpoint endpoint, IpAddress host);

  /** Withdraws what was published of an endpoint, unless another node has published it since. */
  void withdrawEndpoint(int id);

  /**
   * Whether every pod that runs on this node is among those that the store tells: one that is not
   * told does not exist.
   */
  default boolean tellsAllPods() {
    return false;
  }

  /** Asks for a pod of the own node that the watch has not brought yet; it comes as an event. */
  void lookUp(PodName pod);

  /**
   * The pool out of which a pod takes its address of a family, as annotations and pools' selectors
   * say.
   */
  default String poolOf(PodName pod, boolean v4) {
    return PoolDemand.DEFAULT;
  }

  /**
   * Says what this node needs of pools, and what was given to it and is not used any more.
   *
   * @param unused CIDRs that nothing will be taken from until they are given anew
   */
  default void requestPools(List<PoolDemand> demands, List<IpPrefix> unused) {}

  /**
   * Finds or makes the identity of the labels and keeps it in use until {@link #releaseIdentity}
   * was called as often. Completes when the store can be reached; fails only when no number is
   * left.
   */
  CompletableFuture<Identity> allocateIdentity(Labels labels);

  /** Says that one user of the labels on this node is gone. */
  void releaseIdentity(Labels labels);

  /**
   * Says that everything own has been published again after a start: what a former run of this node
   * left in the store and nobody published since is removed.
   */
  void removeLeftovers();

  /**
   * Stops watching. What was published stays until its lease runs out, so that the other nodes do
   * not notice a restart.
   */
  @Override
  void close();
}
