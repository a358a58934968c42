// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.ipcache;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.IpcacheFlag;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What each thing of the cluster says of addresses: pure.
 *
 * @param tunnel whether packets to other nodes' pods are encapsulated
 * @param store the source of what other nodes say
 */
public record ClaimRules(boolean tunnel, Settings.Families families, ClaimSource store) {
  private static final int CLUSTER = IpcacheFlag.CLUSTER.number();
  private static final int REMOTE_NODE = IpcacheFlag.REMOTE_NODE.number();

  /** Everything that nobody else speaks of. */
  public Map<IpPrefix, Claim> world() {
    var claims = new LinkedHashMap<IpPrefix, Claim>();
    for (boolean v4 : new boolean[] {true, false}) {
      var all = IpPrefix.of(v4 ? IpAddress.v4(0) : IpAddress.v6(0, 0), 0);
      claims.put(
          all, claim("world", ClaimSource.GENERATED, worldIdentity(v4), Optional.empty(), 0));
    }
    return claims;
  }

  /**
   * The node itself. An address of its pod CIDRs that is no endpoint's is no pod's, but must not
   * leave the cluster either.
   */
  public Map<IpPrefix, Claim> self(Collection<IpAddress> addresses, Collection<IpPrefix> podCidrs) {
    var claims = new LinkedHashMap<IpPrefix, Claim>();
    for (var cidr : podCidrs) {
      claims.put(
          cidr,
          claim("self", ClaimSource.LOCAL, worldIdentity(cidr.isV4()), Optional.empty(), CLUSTER));
    }
    for (var address : addresses) {
      claims.put(
          host(address),
          claim("self", ClaimSource.LOCAL, ReservedIdentity.HOST.id(), Optional.empty(), 0));
    }
    return claims;
  }

  /** An endpoint of this node. */
  public Map<IpPrefix, Claim> endpoint(Endpoint endpoint) {
    var identity =
        endpoint.identity().equals(NumericIdentity.UNKNOWN)
            ? ReservedIdentity.INIT.id()
            : endpoint.identity();
    var claims = new LinkedHashMap<IpPrefix, Claim>();
    for (var address : endpoint.addresses()) {
      claims.put(
          host(address),
          new Claim(
              endpointResource(endpoint.id()),
              ClaimSource.LOCAL,
              identity,
              Optional.empty(),
              CLUSTER,
              0,
              endpoint.pod()));
    }
    return claims;
  }

  /**
   * Another node: its own addresses, its router and health addresses, and its pod CIDRs, so that a
   * pod whose identity is not known yet can be reached.
   */
  public Map<IpPrefix, Claim> node(Node node) {
    var resource = nodeResource(node.fullName());
    var tunnelEndpoint = node.address(true);
    int inside = CLUSTER | tunnelFlag(tunnelEndpoint);
    var claims = new LinkedHashMap<IpPrefix, Claim>();
    for (var cidr : node.podCidrs()) {
      claims.put(cidr, claim(resource, store, worldIdentity(cidr.isV4()), tunnelEndpoint, inside));
    }
    for (var address : node.healthAddresses()) {
      claims.put(
          host(address),
          claim(resource, store, ReservedIdentity.HEALTH.id(), tunnelEndpoint, inside));
    }
    for (var address : node.addresses()) {
      boolean router =
          switch (address.type()) {
            case CILIUM_INTERNAL_IP -> true;
            case INTERNAL_IP, EXTERNAL_IP -> false;
          };
      var identity = ReservedIdentity.REMOTE_NODE.id();
      claims.put(
          host(address.address()),
          router
              ? claim(resource, store, identity, tunnelEndpoint, inside | REMOTE_NODE)
              : claim(resource, store, identity, Optional.empty(), REMOTE_NODE));
    }
    return claims;
  }

  /** An address that another node published. */
  public Map<IpPrefix, Claim> mapping(IpMapping mapping) {
    var tunnelEndpoint =
        Optional.of(mapping.hostAddress()).filter(IpAddress::isV4).filter(a -> !a.isUnspecified());
    var claim =
        new Claim(
            mappingResource(mapping.address()),
            store,
            mapping.identity(),
            tunnelEndpoint,
            CLUSTER | tunnelFlag(tunnelEndpoint),
            mapping.encryptKey(),
            mapping.pod());
    return Map.of(host(mapping.address()), claim);
  }

  public static String nodeResource(String fullName) {
    return "node/" + fullName;
  }

  public static String endpointResource(int id) {
    return "endpoint/" + id;
  }

  public static String mappingResource(IpAddress address) {
    return "address/" + address;
  }

  public static IpPrefix host(IpAddress address) {
    return IpPrefix.of(address, address.bitCount());
  }

  private int tunnelFlag(Optional<IpAddress> tunnelEndpoint) {
    return tunnel && tunnelEndpoint.isPresent() ? IpcacheFlag.TUNNEL.number() : 0;
  }

  /**
   * One number for the world where there is one family, else one for each, so that policies can
   * tell them apart.
   */
  private NumericIdentity worldIdentity(boolean v4) {
    if (!families.v4() || !families.v6()) {
      return ReservedIdentity.WORLD.id();
    }
    return (v4 ? ReservedIdentity.WORLD_IPV4 : ReservedIdentity.WORLD_IPV6).id();
  }

  private static Claim claim(
      String resource,
      ClaimSource source,
      NumericIdentity identity,
      Optional<IpAddress> tunnelEndpoint,
      int flags) {
    return new Claim(resource, source, identity, tunnelEndpoint, flags, 0, PodName.NONE);
  }
}
