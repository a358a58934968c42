// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Packets of the kernel's making: Native routing, tcx links. */
@Tag("kernel")
class WireNativeTest extends WireScenarios {
  @RegisterExtension static final WireLab LAB = new WireLab(false, false);

  @Override
  WireLab lab() {
    return LAB;
  }
}
