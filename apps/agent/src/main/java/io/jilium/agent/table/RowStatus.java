// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

/** Whether a desired row is in the kernel. */
public sealed interface RowStatus {
  record Done() implements RowStatus {}

  record Pending() implements RowStatus {}

  /** attempts counts failures in a row; message is one sentence. */
  record Failed(int attempts, String message) implements RowStatus {}
}
