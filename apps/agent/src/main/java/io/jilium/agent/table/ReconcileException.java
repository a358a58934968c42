// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

/** Some rows could not be brought into the kernel; they are tried again. */
public final class ReconcileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ReconcileException(int rows, String first) {
    super(rows == 1 ? first : rows + " rows failed, the first: " + first);
  }
}
