// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.cli.monitor;

import org.jspecify.annotations.NullMarked;
