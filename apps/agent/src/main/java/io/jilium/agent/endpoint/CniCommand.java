// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.util.Arrays;
import java.util.Optional;

/** The verbs of CNI that reach the agent; VERSION is answered by the plugin itself. */
enum CniCommand {
  ADD(CniVersion.V0_3_0),
  DEL(CniVersion.V0_3_0),
  CHECK(CniVersion.V0_4_0),
  GC(CniVersion.V1_1_0),
  STATUS(CniVersion.V1_1_0);

  private final CniVersion since;

  CniCommand(CniVersion since) {
    this.since = since;
  }

  CniVersion since() {
    return since;
  }

  boolean concernsContainer() {
    return this == ADD || this == DEL || this == CHECK;
  }

  static Optional<CniCommand> of(String name) {
    return Arrays.stream(values()).filter(c -> c.name().equals(name)).findFirst();
  }
}
