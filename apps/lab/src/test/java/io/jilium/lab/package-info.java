// SPDX-License-Identifier: Apache-2.0
/** Tests of the lab. */
@org.jspecify.annotations.NullMarked
package io.jilium.lab;
