// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.operator;

import org.jspecify.annotations.NullMarked;
