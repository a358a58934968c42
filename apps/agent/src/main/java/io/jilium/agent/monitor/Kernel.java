// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.agent.conntrack.ConntrackFigures;
import java.util.function.Supplier;

/** What there is to see of the kernel once the programs are loaded. */
public record Kernel(NodeMaps maps, EventMonitor monitor, Supplier<ConntrackFigures> conntrack) {}
