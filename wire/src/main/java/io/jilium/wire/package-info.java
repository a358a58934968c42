// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.wire;

import org.jspecify.annotations.NullMarked;
