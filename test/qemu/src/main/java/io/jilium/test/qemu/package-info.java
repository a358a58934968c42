// SPDX-License-Identifier: Apache-2.0
/** What runs in a virtual machine with another kernel, and the test that starts it. */
@NullMarked
package io.jilium.test.qemu;

import org.jspecify.annotations.NullMarked;
