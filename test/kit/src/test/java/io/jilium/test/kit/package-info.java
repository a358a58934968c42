// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.test.kit;

import org.jspecify.annotations.NullMarked;
