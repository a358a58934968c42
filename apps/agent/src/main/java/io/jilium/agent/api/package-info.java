// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.agent.api;

import org.jspecify.annotations.NullMarked;
