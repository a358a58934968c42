// SPDX-License-Identifier: Apache-2.0
/** Tests of the objects that sources read. */
@org.jspecify.annotations.NullMarked
package io.jilium.source.json;
