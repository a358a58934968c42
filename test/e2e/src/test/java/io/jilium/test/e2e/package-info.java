// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.test.e2e;

import org.jspecify.annotations.NullMarked;
