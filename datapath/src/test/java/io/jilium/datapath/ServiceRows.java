// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.service.FrontendType;
import java.util.Arrays;

/** Fills the tables of services by hand, as an agent would. */
final class ServiceRows implements AutoCloseable {
  static final int MAGLEV = 251;
  static final ServiceSizes SIZES = ServiceSizes.of(1024, MAGLEV);
  private static final BackendSetEntry NONE = new BackendSetEntry(0, 0, 0, 0);

  private ServiceMaps maps;
  private int nextSlot = 1;
  private int nextBackend = 1;

  /** Takes ownership of the maps. */
  ServiceRows(ServiceMaps maps) {
    this.maps = maps;
  }

  ServiceMaps maps() {
    return maps;
  }

  /** Goes on with other handles, which it owns from now on. */
  void moveTo(ServiceMaps others) {
    maps.close();
    maps = others;
  }

  /** Nothing is served any more. */
  void clear() {
    clear(maps.frontends());
    clear(maps.members());
    clear(maps.affinity());
    clear(maps.sourceRanges());
    clear(maps.nodeAddresses());
    clear(maps.maglev());
    for (int id = 1; id < nextBackend; id++) {
      maps.backends().remove(id);
    }
    maps.slots().clear(0, nextSlot);
    nextSlot = 1;
    nextBackend = 1;
  }

  private static <K> void clear(TypedMap<K, ?> map) {
    map.deleteAll(map.entries().keySet());
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  /** Writes a backend; returns its number. */
  int backend(String address, int port, int protocol) {
    int id = nextBackend++;
    maps.backends().put(id, new BackendEntry(ip(address), port, protocol, 0, 0));
    return id;
  }

  /** How many connections a backend was given. */
  long connections(int backend) {
    return maps.backends().get(backend).orElseThrow().connections();
  }

  /** Writes a set that remembers its members; the former set of this number loses its own. */
  BackendSetEntry set(int id, int flags, int... backends) {
    int base = backends.length == 0 ? 0 : nextSlot;
    nextSlot += backends.length;
    maps.slots().put(base, id, backends);
    maps.members()
        .deleteAll(
            maps.members().entries().keySet().stream().filter(key -> key.set() == id).toList());
    Arrays.stream(backends).forEach(backend -> maps.members().put(new MemberKey(id, backend), 1));
    return new BackendSetEntry(id, base, backends.length, flags);
  }

  /** A service whose number is that of its inner set. */
  void frontend(
      String address,
      int port,
      int protocol,
      FrontendType type,
      int flags,
      BackendSetEntry inside,
      BackendSetEntry outside) {
    frontend(address, port, protocol, type, flags, 0, inside, outside);
  }

  @SuppressWarnings("checkstyle:ParameterNumber") // a row has so many columns
  private void frontend(
      String address,
      int port,
      int protocol,
      FrontendType type,
      int flags,
      int affinity,
      BackendSetEntry inside,
      BackendSetEntry outside) {
    maps.frontends()
        .put(
            new FrontendKey(ip(address), port, protocol),
            new FrontendEntry(inside.id(), flags, type.number(), affinity, inside, outside));
  }

  /** A cluster address. */
  void clusterIp(String address, int port, int protocol, BackendSetEntry set) {
    frontend(address, port, protocol, FrontendType.CLUSTER_IP, 0, 0, set, set);
  }

  /** A cluster address whose clients stay with their backend. */
  void sticky(String address, int port, int protocol, int seconds, BackendSetEntry set) {
    frontend(address, port, protocol, FrontendType.CLUSTER_IP, 0, seconds, set, set);
  }

  /** An address that services have other ports of. */
  void whole(String address, FrontendType type) {
    maps.frontends().put(new FrontendKey(ip(address), 0, 0), wholeEntry(type));
  }

  /** Of an address that services have other ports of. */
  static FrontendEntry wholeEntry(FrontendType type) {
    return new FrontendEntry(
        500, FrontendFlag.WHOLE_ADDRESS.number(), type.number(), 0, NONE, NONE);
  }

  void remove(String address, int port, int protocol) {
    maps.frontends().delete(new FrontendKey(ip(address), port, protocol));
  }

  void range(int frontend, String prefix) {
    maps.sourceRanges().put(new RangeKey(frontend, IpPrefix.parse(prefix)), 1);
  }

  void nodeAddress(String address, NodeAddressFlag... flags) {
    int bits = Arrays.stream(flags).mapToInt(NodeAddressFlag::number).sum();
    maps.nodeAddresses().put(new NodeAddressKey(ip(address)), bits);
  }

  @Override
  public void close() {
    maps.close();
  }
}
