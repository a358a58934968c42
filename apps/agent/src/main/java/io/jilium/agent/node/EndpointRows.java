// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.table.Reconciler;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.datapath.EndpointEntry;
import io.jilium.datapath.EndpointFlag;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The addresses that live on this node: pods', the health endpoint's and the node's own. Belongs to
 * the control thread.
 */
final class EndpointRows implements Reconciler.Desired<IpAddress, EndpointEntry> {
  private final Map<IpAddress, EndpointEntry> rows = new HashMap<>();
  private final Consumer<IpAddress> changed;
  private Map<IpAddress, EndpointEntry> own = Map.of();

  EndpointRows(Consumer<IpAddress> changed) {
    this.changed = changed;
  }

  /** Replaces what the endpoint had before. */
  void set(Optional<Endpoint> before, Optional<Endpoint> now) {
    before.ifPresent(old ->
        old.addresses().stream()
            .filter(a -> now.isEmpty() || !now.get().addresses().contains(a))
            .forEach(address -> {
              var row = rows.get(address);
              if (row != null && row.id() == old.id()) {
                rows.remove(address);
                changed.accept(address);
              }
            }));
    now.ifPresent(endpoint ->
        endpoint
            .addresses()
            .forEach(address -> {
              rows.put(address, entry(endpoint));
              changed.accept(address);
            }));
  }

  /** Replaces the node's own addresses. mac is that of cilium_host. */
  void setOwn(
      Collection<IpAddress> addresses,
      Collection<IpAddress> routers,
      int hostEndpoint,
      MacAddress mac) {
    var next = new LinkedHashMap<IpAddress, EndpointEntry>();
    addresses.forEach(
        address -> next.put(address, own(hostEndpoint, EndpointFlag.HOST.number(), mac)));
    routers.forEach(address ->
        next.put(
            address,
            own(hostEndpoint, EndpointFlag.HOST.number() | EndpointFlag.ROUTER.number(), mac)));
    var before = own;
    own = next;
    before.keySet().forEach(changed);
    next.keySet().forEach(changed);
  }

  @Override
  public Map<IpAddress, EndpointEntry> rows() {
    var all = new LinkedHashMap<>(rows);
    all.putAll(own);
    return all;
  }

  @Override
  public Optional<EndpointEntry> row(IpAddress address) {
    var entry = own.get(address);
    return Optional.ofNullable(entry != null ? entry : rows.get(address));
  }

  private static EndpointEntry own(int id, int flags, MacAddress mac) {
    return new EndpointEntry(0, ReservedIdentity.HOST.id(), id, flags, mac, mac);
  }

  private static EndpointEntry entry(Endpoint endpoint) {
    var identity =
        endpoint.identity().equals(NumericIdentity.UNKNOWN)
            ? ReservedIdentity.INIT.id()
            : endpoint.identity();
    return new EndpointEntry(
        endpoint.interfaceIndex(), identity, endpoint.id(), 0, endpoint.mac(), endpoint.nodeMac());
  }
}
