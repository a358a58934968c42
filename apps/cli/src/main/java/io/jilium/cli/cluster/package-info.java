// SPDX-License-Identifier: Apache-2.0
/** Verbs on a whole cluster, by its API server. */
@org.jspecify.annotations.NullMarked
package io.jilium.cli.cluster;
