// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/**
 * A step of a program's decision.
 *
 * @param point the number of a {@link DebugPoint}, which says what the arguments are
 */
public record DebugEvent(Common common, int point, int argument0, int argument1)
    implements EventRecord {}
