// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.EndpointSlice.Conditions;
import io.jilium.core.model.EndpointSlice.Hints;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import io.jilium.core.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Services and slices that change at random, told to the decisions and to the oracle alike: few
 * addresses and ports, so that they collide.
 */
public final class RandomServices {
  public static final List<String> CLUSTER_IPS =
      List.of("10.96.0.1", "10.96.0.2", "10.96.0.3", "10.96.0.4", "fd00:96::1", "fd00:96::2");
  public static final List<String> EXTERNAL =
      List.of("198.51.100.7", "203.0.113.9", "192.168.0.1", "2001:db8::7");
  public static final Set<IpAddress> NODES =
      Set.of(ip("192.168.0.1"), ip("192.168.0.2"), ip("fc00::1"));
  public static final List<Integer> PORTS = List.of(53, 80, 443);
  public static final List<Integer> NODE_PORTS = List.of(30000, 30001, 30002);
  public static final List<Protocol> PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP);

  private final Random random;
  private final ServiceOracle oracle = new ServiceOracle();
  private final Services services;

  /** The same changes for the same seed. */
  public RandomServices(long seed) {
    random = new Random(seed);
    oracle.nodeAddresses = NODES;
    services = new Services(ServiceOptions.DEFAULT, facts());
  }

  /** What Kubernetes says. */
  public ServiceOracle oracle() {
    return oracle;
  }

  /** What is judged. */
  public Services services() {
    return services;
  }

  public int number(int bound) {
    return random.nextInt(bound);
  }

  /** Every address that a service may have, and those of nodes. */
  public static List<String> addresses() {
    var addresses = new ArrayList<>(CLUSTER_IPS);
    addresses.addAll(EXTERNAL);
    NODES.forEach(node -> addresses.add(node.toString()));
    return addresses;
  }

  private NodeFacts facts() {
    return new NodeFacts(oracle.node, oracle.zone, oracle.nodeAddresses);
  }

  /** Something happens. */
  public void change() {
    switch (random.nextInt(12)) {
      case 0 -> removeService();
      case 1 -> removeSlice();
      case 2 -> move();
      case 3, 4, 5, 6 -> {
        var service = service();
        oracle.services.put(service.id(), service);
        services.put(service);
      }
      default -> {
        var slice = slice();
        oracle.slices.put(slice.id(), slice);
        services.put(slice);
      }
    }
  }

  private void move() {
    oracle.node = "node-" + (1 + random.nextInt(3));
    oracle.zone = pick(List.of("", "a", "b"));
    services.node(facts());
  }

  private void removeService() {
    var name = serviceName();
    oracle.services.remove(name);
    services.removeService(name);
  }

  private void removeSlice() {
    var name = sliceName();
    oracle.slices.remove(name);
    services.removeSlice(name);
  }

  private ServiceName serviceName() {
    return new ServiceName("default", "s" + random.nextInt(5));
  }

  private ServiceName sliceName() {
    return new ServiceName("default", "slice" + random.nextInt(12));
  }

  private Service service() {
    var ips = new ArrayList<IpAddress>();
    ips.add(ip(pick(CLUSTER_IPS.subList(0, 4))));
    if (random.nextBoolean()) {
      ips.add(ip(pick(CLUSTER_IPS.subList(4, 6))));
    }
    if (random.nextInt(4) == 0) {
      ips.removeFirst();
    }
    var ports = new ArrayList<ServicePort>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int nodePort = random.nextInt(3) == 0 ? pick(NODE_PORTS) : 0;
      ports.add(new ServicePort("p" + i, pick(PROTOCOLS), pick(PORTS), nodePort, ""));
    }
    return new Service(
        serviceName(),
        random.nextInt(15) == 0 ? Service.Type.EXTERNAL_NAME : Service.Type.LOAD_BALANCER,
        ips,
        ports,
        new Service.Exposure(
            some(EXTERNAL),
            some(EXTERNAL),
            random.nextInt(3) == 0 ? List.of(IpPrefix.parse("198.18.0.0/24")) : List.of(),
            0),
        new Service.Traffic(
            pick(List.of(TrafficPolicy.values())),
            pick(List.of(TrafficPolicy.values())),
            0,
            false,
            ""),
        Map.of(),
        new Service.Marks(random.nextInt(15) == 0 ? "other" : "", random.nextInt(15) == 0),
        Map.of(),
        random.nextInt(4));
  }

  private List<IpAddress> some(List<String> from) {
    return from.stream().filter(_ -> random.nextInt(4) == 0).map(RandomServices::ip).toList();
  }

  private EndpointSlice slice() {
    boolean v4 = random.nextInt(3) > 0;
    var ports = new ArrayList<EndpointSlice.Port>();
    for (int i = 0; i < 3; i++) {
      if (random.nextInt(5) > 0) {
        ports.add(new EndpointSlice.Port("p" + i, pick(PROTOCOLS), 8080 + random.nextInt(2)));
      }
    }
    boolean hinted = random.nextBoolean();
    var endpoints = new ArrayList<EndpointSlice.Endpoint>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      endpoints.add(endpoint(v4, hinted));
    }
    var weight = random.nextInt(3) > 0 ? "" : pick(List.of("0", "1", "700", "many"));
    return new EndpointSlice(sliceName(), "s" + random.nextInt(5), weight, ports, endpoints);
  }

  private EndpointSlice.Endpoint endpoint(boolean v4, boolean hinted) {
    var host = 1 + random.nextInt(6);
    var hints =
        hinted && random.nextInt(8) > 0
            ? new Hints(
                List.of(pick(List.of("a", "b"))),
                random.nextBoolean() ? List.of("node-" + (1 + random.nextInt(3))) : List.of())
            : Hints.NONE;
    return new EndpointSlice.Endpoint(
        List.of(ip(v4 ? "10.244.0." + host : "fd00:244::" + host)),
        new Conditions(random.nextInt(3) > 0, random.nextBoolean(), random.nextBoolean()),
        random.nextInt(5) == 0 ? "" : "node-" + (1 + random.nextInt(3)),
        "a",
        hints);
  }

  /** One of these. */
  public <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }
}
