// SPDX-License-Identifier: Apache-2.0
/**
 * The part of Go's text/template, and of the functions that Helm adds to it, in which Jilium's
 * chart is written. What is outside of that part is refused by name, file and line, never guessed
 * at.
 */
@org.jspecify.annotations.NullMarked
package io.jilium.cli.template;
