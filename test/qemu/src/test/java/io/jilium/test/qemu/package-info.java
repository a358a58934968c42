// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.test.qemu;

import org.jspecify.annotations.NullMarked;
