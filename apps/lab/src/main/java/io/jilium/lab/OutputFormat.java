// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

/** How a list is printed; the names are what the user writes after -o. */
enum OutputFormat {
  table,
  json
}
