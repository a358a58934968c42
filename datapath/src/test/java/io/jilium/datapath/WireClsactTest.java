// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Packets of the kernel's making: VXLAN, clsact filters. */
@Tag("kernel")
class WireClsactTest extends WireScenarios {
  @RegisterExtension static final WireLab LAB = new WireLab(true, true);

  @Override
  WireLab lab() {
    return LAB;
  }
}
