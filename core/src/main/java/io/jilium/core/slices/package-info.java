// SPDX-License-Identifier: Apache-2.0
/** Endpoints packed into slices, many in one object. */
@org.jspecify.annotations.NullMarked
package io.jilium.core.slices;
