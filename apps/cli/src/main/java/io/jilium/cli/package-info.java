// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.cli;

import org.jspecify.annotations.NullMarked;
