// SPDX-License-Identifier: Apache-2.0
/** {@code jilium status} of a whole cluster. */
@org.jspecify.annotations.NullMarked
package io.jilium.cli.cluster.status;
