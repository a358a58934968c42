// SPDX-License-Identifier: Apache-2.0
/** {@code jilium sysdump}: all that helps to find out why a cluster's network does not work. */
@org.jspecify.annotations.NullMarked
package io.jilium.cli.cluster.sysdump;
