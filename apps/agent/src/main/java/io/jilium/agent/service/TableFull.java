// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

/** A table of services has no room left; the message names it and the setting to raise. */
public final class TableFull extends RuntimeException {
  private static final long serialVersionUID = 1;

  TableFull(String table, int capacity) {
    super("the %s table is full with %d entries; raise bpf.lbMapMax".formatted(table, capacity));
  }
}
