// SPDX-License-Identifier: Apache-2.0
/** {@code jilium connectivity test}: real pods talk to each other, and whoever fails is shown. */
@org.jspecify.annotations.NullMarked
package io.jilium.cli.cluster.connectivity;
