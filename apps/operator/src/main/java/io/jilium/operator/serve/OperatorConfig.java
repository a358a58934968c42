// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.serve;

import io.jilium.core.settings.Settings;
import java.net.InetSocketAddress;

/**
 * What every operator is told.
 *
 * @param name in the election of a leader
 * @param listen where /healthz and /metrics are answered
 */
public record OperatorConfig(String name, InetSocketAddress listen, Settings settings) {}
