// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import java.time.Instant;

/**
 * An endpoint as lists show it.
 *
 * @param reason why the state is not ready, one sentence; empty when all is well
 * @param podUid of the Kubernetes object, empty when not told
 * @param created when the interface was made
 */
public record EndpointRow(Endpoint endpoint, String reason, String podUid, Instant created) {
  EndpointRow with(Endpoint next, String nextReason) {
    return new EndpointRow(next, nextReason, podUid, created);
  }
}
