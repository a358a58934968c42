// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.ipam.NodePool;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PoolDemand;
import io.jilium.core.settings.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's pod CIDRs and its router addresses, which stay the same over restarts: pods' default
 * routes name them. Belongs to the control thread.
 */
final class NodeAddressing {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAddressing.class);
  private static final String POD_CIDRS = "podCIDRs";
  private static final String RETIRED = "podCIDRs.retired";
  private static final String ROUTER_IPV4 = "router.ipv4";
  private static final String ROUTER_IPV6 = "router.ipv6";

  private final NodeAddresses addresses;
  private final StateFile state;
  private final Settings.Families families;
  private final Map<Boolean, IpAddress> routers = new LinkedHashMap<>();
  private Map<String, List<PodCidr>> pools = Map.of();
  private List<IpPrefix> podCidrs = List.of();
  private Runnable beforeAllocation = () -> {};
  private boolean reserved;
  private String problem = "";

  NodeAddressing(NodeAddresses addresses, StateFile state, Settings.Families families) {
    this.addresses = addresses;
    this.state = state;
    this.families = families;
  }

  /** The action runs once, when there are pools and nothing new was given out of them yet. */
  void beforeAllocation(Runnable action) {
    beforeAllocation = action;
  }

  /** Takes up what an earlier agent had. */
  void restore() {
    var text = state.get(POD_CIDRS).orElse("");
    if (!text.isEmpty()) {
      assign(parse(text), parse(state.get(RETIRED).orElse("")));
    }
  }

  /** Takes what was assigned, by pool; false if nothing is new. */
  boolean assign(Map<String, List<PodCidr>> assigned, String error) {
    problem = error;
    if (assigned.values().stream().allMatch(List::isEmpty)) {
      return false;
    }
    if (assigned.equals(pools)) {
      addresses.assign(pools); // what was given back may have been given anew
      return false;
    }
    LOG.info("pod CIDRs of this node: {}", print(assigned));
    assign(assigned, Map.of());
    state.put(POD_CIDRS, print(pools));
    return true;
  }

  /**
   * @param retired what the node had no more before the restart, though pods used it
   */
  private void assign(Map<String, List<PodCidr>> assigned, Map<String, List<PodCidr>> retired) {
    pools = new TreeMap<>(assigned);
    podCidrs =
        pools.values().stream()
            .flatMap(List::stream)
            .map(PodCidr::prefix)
            .filter(cidr -> enabled(cidr.isV4()))
            .toList();
    dropForeignRouters();
    retire(addresses.assign(union(pools, retired)));
    for (boolean v4 : new boolean[] {true, false}) {
      keepRouter(v4);
    }
    if (!reserved && addresses.complete()) {
      reserved = true;
      beforeAllocation.run();
    }
    if (!retired.isEmpty()) {
      retire(addresses.assign(pools));
    }
    for (boolean v4 : new boolean[] {true, false}) {
      if (enabled(v4) && addresses.has(v4) && !routers.containsKey(v4)) {
        routers.put(v4, addresses.allocateOne(v4, NodePool.ROUTER));
      }
    }
    if (reserved) {
      addresses.settle();
    }
    routers.forEach((v4, router) -> state.put(v4 ? ROUTER_IPV4 : ROUTER_IPV6, router.toString()));
  }

  private void retire(List<IpPrefix> lingering) {
    if (!lingering.isEmpty()) {
      LOG.warn(
          "{} are not this node's any more: pods that have addresses of them keep these",
          join(lingering));
    }
    // Their pods may have had any address of them.
    var whole = lingering.stream().map(cidr -> new PodCidr(cidr, true, true)).toList();
    state.put(RETIRED, whole.isEmpty() ? "" : print(Map.of(PoolDemand.DEFAULT, whole)));
  }

  private static Map<String, List<PodCidr>> union(
      Map<String, List<PodCidr>> some, Map<String, List<PodCidr>> others) {
    var all = new TreeMap<>(some);
    others.forEach((pool, cidrs) ->
        all.merge(
            pool, cidrs, (a, b) -> Stream.concat(a.stream(), b.stream()).distinct().toList()));
    return all;
  }

  /**
   * CIDRs with commas; those of another pool than the default one follow its name and {@code @}.
   */
  private static String print(Map<String, List<PodCidr>> pools) {
    var texts = new ArrayList<String>();
    pools.forEach((pool, cidrs) -> {
      var prefix = pool.equals(PoolDemand.DEFAULT) ? "" : pool + "@";
      cidrs.forEach(cidr -> texts.add(prefix + cidr));
    });
    return String.join(",", texts);
  }

  private static Map<String, List<PodCidr>> parse(String text) {
    var pools = new TreeMap<String, List<PodCidr>>();
    if (text.isEmpty()) {
      return pools;
    }
    for (var part : text.split(",", -1)) {
      int at = part.indexOf('@');
      var pool = at < 0 ? PoolDemand.DEFAULT : part.substring(0, at);
      pools
          .computeIfAbsent(pool, _ -> new ArrayList<>())
          .add(PodCidr.parse(part.substring(at + 1)));
    }
    return pools;
  }

  /** A router address outside the pod CIDRs may be another node's by now. */
  private void dropForeignRouters() {
    routers
        .values()
        .removeIf(router -> {
          boolean foreign = !isOwn(router);
          if (foreign) {
            addresses.release(List.of(router));
          }
          return foreign;
        });
  }

  private void keepRouter(boolean v4) {
    if (enabled(v4) && !routers.containsKey(v4)) {
      saved(v4)
          .filter(this::isOwn)
          .filter(router -> addresses.reserveOne(router, NodePool.ROUTER).isEmpty())
          .ifPresent(router -> routers.put(v4, router));
    }
  }

  private Optional<IpAddress> saved(boolean v4) {
    return state.get(v4 ? ROUTER_IPV4 : ROUTER_IPV6).map(IpAddress::parse);
  }

  List<IpPrefix> podCidrs() {
    return podCidrs;
  }

  /** Pods' addresses of CIDRs that are not the node's any more. */
  List<IpAddress> retired() {
    return addresses.retired();
  }

  private boolean isOwn(IpAddress address) {
    return podCidrs.stream().anyMatch(cidr -> cidr.contains(address));
  }

  Optional<IpAddress> router(boolean v4) {
    return Optional.ofNullable(routers.get(v4));
  }

  /** IPv4 first. */
  List<IpAddress> routers() {
    return new ArrayList<>(routers.values()).stream().sorted().toList();
  }

  /** Whether every family has its router. */
  boolean isComplete() {
    return (!families.v4() || routers.containsKey(true))
        && (!families.v6() || routers.containsKey(false));
  }

  /** What the node waits for as long as it is not complete. */
  String waitingFor() {
    if (!problem.isEmpty()) {
      return "the operator gives no pod CIDR: " + problem;
    }
    for (boolean v4 : new boolean[] {true, false}) {
      if (enabled(v4) && !podCidrs.isEmpty() && podCidrs.stream().noneMatch(c -> c.isV4() == v4)) {
        var family = v4 ? "4" : "6";
        return "this node has no IPv%s pod CIDR beside %s: give it one, or set ipv%s.enabled=false"
            .formatted(family, join(podCidrs), family);
      }
    }
    return "waiting for the operator to assign pod CIDRs";
  }

  private boolean enabled(boolean v4) {
    return v4 ? families.v4() : families.v6();
  }

  private static String join(List<IpPrefix> prefixes) {
    return prefixes.stream().map(IpPrefix::toString).collect(Collectors.joining(","));
  }
}
