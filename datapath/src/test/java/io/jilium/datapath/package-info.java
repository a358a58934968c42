// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.datapath;

import org.jspecify.annotations.NullMarked;
