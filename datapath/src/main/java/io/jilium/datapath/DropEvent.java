// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/**
 * A packet was dropped.
 *
 * @param reason the number of a {@link io.jilium.core.model.DropReason}
 * @param file the number of a {@link SourceFile}
 * @param line in that file
 */
public record DropEvent(Common common, int reason, int file, int line, int destinationEndpoint)
    implements EventRecord {}
