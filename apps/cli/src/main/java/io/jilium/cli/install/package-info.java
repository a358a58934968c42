// SPDX-License-Identifier: Apache-2.0
/** Installing, changing and removing Jilium in a cluster, from its chart but without Helm. */
@org.jspecify.annotations.NullMarked
package io.jilium.cli.install;
