// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.linux.netlink;

import org.jspecify.annotations.NullMarked;
