// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodName;
import java.util.Collection;
import java.util.NoSuchElementException;

/** For whom a connection is explained. */
public sealed interface Asker {
  /** Any pod, or a node. */
  record Anybody() implements Asker {}

  /**
   * A pod of this node.
   *
   * @param pod {@code namespace/name}, or a name that no other pod of the node has
   */
  record OfPod(String pod) implements Asker {
    /**
     * Which of them it is.
     *
     * @throws NoSuchElementException saying what to name instead, if it is none, or more than one
     */
    PodName in(Collection<PodName> pods) {
      var named =
          pods.stream()
              .filter(known -> known.toString().equals(pod) || known.name().equals(pod))
              .sorted()
              .toList();
      if (named.size() == 1) {
        return named.getFirst();
      }
      throw new NoSuchElementException(
          named.isEmpty()
              ? "no pod of this node is called %s: ask the agent of its node".formatted(pod)
              : "%s is one of %s: name its namespace too".formatted(pod, named));
    }
  }

  /** Somebody outside the cluster. */
  record Outside(IpAddress address) implements Asker {}
}
