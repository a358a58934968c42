// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.linux.sys;

import org.jspecify.annotations.NullMarked;
