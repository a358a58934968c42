// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

/** Which endpoints may be chosen. */
public enum Scope {
  /** Those of the whole cluster. */
  CLUSTER,
  /** Those on this node. */
  LOCAL
}
