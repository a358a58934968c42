// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.core.model;

import org.jspecify.annotations.NullMarked;
