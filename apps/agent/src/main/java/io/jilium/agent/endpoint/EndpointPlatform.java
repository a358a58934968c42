// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the agent gives to its endpoints.
 *
 * @param network empty until the node has its router addresses; its absence refuses ADD
 * @param obstacle why ADD would fail now, one sentence for STATUS; empty when the node is ready
 */
public record EndpointPlatform(
    PodAddresses addresses,
    PodIdentities identities,
    EndpointDatapath datapath,
    Supplier<Optional<PodNetwork>> network,
    Supplier<Optional<String>> obstacle) {}
