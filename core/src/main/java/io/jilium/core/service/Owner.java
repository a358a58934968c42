// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.ServiceName;

/** A service, or a pod with host ports. */
public record Owner(ServiceName name, boolean pod) {
  @Override
  public String toString() {
    return (pod ? "pod " : "service ") + name;
  }
}
