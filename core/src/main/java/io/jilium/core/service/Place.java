// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

/** Whose address it is that a connection goes to. */
public enum Place {
  /** No node serves ports there. */
  NO_NODE,
  /** This node's. */
  THIS_NODE,
  /** Another node's. */
  OTHER_NODE
}
