// SPDX-License-Identifier: Apache-2.0
/** What the sources of the cluster's state have in common. */
@org.jspecify.annotations.NullMarked
package io.jilium.core.source;
