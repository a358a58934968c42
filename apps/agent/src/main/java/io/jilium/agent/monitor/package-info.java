// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.agent.monitor;

import org.jspecify.annotations.NullMarked;
