// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.Command;
import io.jilium.test.kube.kit.KubeNode;

/** A pod that runs. */
record Pod(String namespace, String name, KubeNode node, String address) {
  /** A command of this machine in the pod's network. */
  Command command(String... words) {
    return address.equals(node.address()) ? node.exec(words) : node.inPod(address, words);
  }

  @Override
  public String toString() {
    return "%s/%s (%s on %s)".formatted(namespace, name, address, node.name());
  }
}
