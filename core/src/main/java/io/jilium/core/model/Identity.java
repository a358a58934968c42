// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** A number and the labels that it stands for. */
public record Identity(NumericIdentity id, Labels labels) {
  /** A fixed identity. */
  public static Identity of(ReservedIdentity reserved) {
    return new Identity(reserved.id(), reserved.labels());
  }
}
