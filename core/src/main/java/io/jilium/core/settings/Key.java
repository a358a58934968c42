// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

/**
 * One setting: its dotted path, its flag, how it is written, what it is when nobody sets it, and
 * what it means.
 */
record Key<T>(String path, String flag, Kind<T> kind, T fallback, String meaning) {}
