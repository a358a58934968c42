// SPDX-License-Identifier: Apache-2.0
/** What operators of every source have in common: what they are told, how they are asked. */
@org.jspecify.annotations.NullMarked
package io.jilium.operator.serve;
