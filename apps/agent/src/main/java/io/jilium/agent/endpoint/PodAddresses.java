// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodName;
import java.util.List;

/**
 * The node's pool, one address of every enabled family at a time. Implementations are safe for
 * threads.
 */
public interface PodAddresses {
  /**
   * Takes one free address of each enabled family, or none at all.
   *
   * @param owner what {@code status --verbose} shows beside the address: {@code namespace/pod}
   * @param pod decides out of which pool; none: the default one
   * @throws ExhaustedException when a family has no free address, or no CIDR yet
   */
  List<IpAddress> allocate(String owner, PodName pod);

  /**
   * Takes these addresses, which an endpoint of before the restart has.
   *
   * @throws IllegalStateException when one is taken or in no CIDR of the node
   */
  void reserve(List<IpAddress> addresses, String owner);

  /** Whether one of these is of a CIDR that is not the node's any more. */
  boolean retired(List<IpAddress> addresses);

  /** Gives addresses back; what is not taken is left alone. */
  void release(List<IpAddress> addresses);

  /** No address can be had now; the message is a sentence for the caller of CNI. */
  final class ExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ExhaustedException(String message) {
      super(message);
    }
  }
}
