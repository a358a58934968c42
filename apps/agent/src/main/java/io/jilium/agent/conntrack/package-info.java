// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.agent.conntrack;

import org.jspecify.annotations.NullMarked;
