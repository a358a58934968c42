// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.time.Instant;

/** Whether the cluster's store can be reached. */
public sealed interface Connectivity {
  /**
   * Requests are answered.
   *
   * @param detail what people read in status, such as the server's version
   */
  record Connected(Instant since, String detail) implements Connectivity {}

  /** Requests are not answered; what was known stays valid, what is published is kept. */
  record Away(Instant since, String error) implements Connectivity {}
}
