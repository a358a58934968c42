// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which endpoint holds which addresses of the pool, so that an endpoint whose addresses belong to
 * somebody else by now never gives them back.
 */
final class AddressLeases {
  private final PodAddresses pool;
  private final Map<Integer, List<IpAddress>> held = new HashMap<>();

  AddressLeases(PodAddresses pool) {
    this.pool = pool;
  }

  /** Takes free addresses for a new endpoint. */
  List<IpAddress> allocate(int endpointId, String owner, PodName pod) {
    var addresses = pool.allocate(owner, pod);
    synchronized (held) {
      held.put(endpointId, addresses);
    }
    return addresses;
  }

  /** Takes the addresses that the endpoint has; why that cannot be, else empty. */
  Optional<String> reserve(Endpoint endpoint) {
    synchronized (held) {
      if (held.containsKey(endpoint.id())) {
        return Optional.empty();
      }
      try {
        pool.reserve(endpoint.addresses(), owner(endpoint));
        held.put(endpoint.id(), endpoint.addresses());
        return Optional.empty();
      } catch (IllegalStateException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
  }

  void release(int endpointId) {
    synchronized (held) {
      var addresses = held.remove(endpointId);
      if (addresses != null) {
        pool.release(addresses);
      }
    }
  }

  private static String owner(Endpoint endpoint) {
    return endpoint.pod().isNone() ? endpoint.containerId() : endpoint.pod().toString();
  }
}
