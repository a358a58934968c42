// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.lab;

import org.jspecify.annotations.NullMarked;
