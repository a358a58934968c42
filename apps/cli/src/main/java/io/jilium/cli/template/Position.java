// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

/** Where something stands in a template. */
record Position(String file, int line) {}
