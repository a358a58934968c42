// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.cni;

import org.jspecify.annotations.NullMarked;
