// SPDX-License-Identifier: Apache-2.0
/** Services and endpoint slices to frontends, backends and Maglev tables; and why so. */
@NullMarked
package io.jilium.core.service;

import org.jspecify.annotations.NullMarked;
