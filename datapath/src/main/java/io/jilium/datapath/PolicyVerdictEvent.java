// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/**
 * A new flow was decided by policy.
 *
 * @param verdict 0: allowed, else the number of a {@link io.jilium.core.model.DropReason}
 */
public record PolicyVerdictEvent(Common common, int verdict, int state) implements EventRecord {}
