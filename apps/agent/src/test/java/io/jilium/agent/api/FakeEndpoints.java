// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.endpoint.EndpointRow;
import io.jilium.agent.endpoint.Endpoints;
import io.jilium.core.model.PodName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The endpoints of {@link FakeState}. */
final class FakeEndpoints implements Endpoints {
  @Override
  public List<EndpointRow> list() {
    return new FakeState()
        .endpoints().stream()
            .map(endpoint -> new EndpointRow(endpoint, "", "", Instant.EPOCH))
            .toList();
  }

  @Override
  public Optional<EndpointRow> get(int id) {
    return list().stream().filter(row -> row.endpoint().id() == id).findFirst();
  }

  @Override
  public void podChanged(PodName pod) {}

  @Override
  public void namespaceChanged(String namespace) {}

  @Override
  public void deviceChanged(String deviceName) {}

  @Override
  public int allocateId() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void show(EndpointRow row) {}

  @Override
  public void hide(int id) {}
}
