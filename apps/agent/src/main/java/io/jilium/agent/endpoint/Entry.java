// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;

/** A pod's endpoint with what only this package needs: the CNI network that it belongs to. */
record Entry(EndpointRow row, String networkName) {
  Endpoint endpoint() {
    return row.endpoint();
  }

  Attachment attachment() {
    return new Attachment(endpoint().containerId(), endpoint().containerInterface());
  }

  Entry with(Endpoint next) {
    return with(next, "");
  }

  Entry with(Endpoint next, String reason) {
    return new Entry(row.with(next, reason), networkName);
  }
}
