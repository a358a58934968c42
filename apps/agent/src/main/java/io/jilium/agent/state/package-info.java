// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.agent.state;

import org.jspecify.annotations.NullMarked;
