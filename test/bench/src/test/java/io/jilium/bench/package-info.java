// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.bench;

import org.jspecify.annotations.NullMarked;
