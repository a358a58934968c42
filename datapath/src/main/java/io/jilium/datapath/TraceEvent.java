// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.util.Optional;

/**
 * A packet passed an observation point.
 *
 * @param point the number of a {@link io.jilium.core.model.TraceObservationPoint}
 * @param state the number of a {@link io.jilium.core.model.TraceState}
 * @param destinationEndpoint the receiver of a trace to an endpoint
 * @param originalSource the source before translation
 */
public record TraceEvent(
    Common common,
    int point,
    int state,
    int destinationEndpoint,
    Optional<IpAddress> originalSource)
    implements EventRecord {}
