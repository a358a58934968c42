// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What happens at the level of whole services, and what is told about it. */
class ServicesTest {
  private static final NodeFacts NODE =
      new NodeFacts("node-1", "a", Set.of(ip("172.30.0.1"), ip("172.30.0.2")));
  private static final Client INSIDE = new Client.Inside();
  private static final Client OUTSIDE = new Client.Outside(ip("198.51.100.1"));

  private final Services services = new Services(ServiceOptions.DEFAULT, NODE);

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  private static ServiceName name(String name) {
    return new ServiceName("default", name);
  }

  private static PortAddress tcp(String address, int port) {
    return new PortAddress(ip(address), port, Protocol.TCP);
  }

  private static PortAddress udp(String address, int port) {
    return new PortAddress(ip(address), port, Protocol.UDP);
  }

  private static final class Spec {
    private final String name;
    private final List<IpAddress> clusterIps = new ArrayList<>();
    private final List<ServicePort> ports = new ArrayList<>();
    private Service.Exposure exposure = Service.Exposure.NONE;
    private Service.Traffic traffic = Service.Traffic.DEFAULT;
    private Map<String, String> annotations = Map.of();
    private long created = 1;

    Spec(String name, String... clusterIps) {
      this.name = name;
      for (var address : clusterIps) {
        this.clusterIps.add(ip(address));
      }
    }

    Spec port(Protocol protocol, int port, int nodePort) {
      ports.add(new ServicePort("", protocol, port, nodePort, ""));
      return this;
    }

    Spec exposed(List<String> external, List<String> balancers, List<String> ranges) {
      exposure =
          new Service.Exposure(
              external.stream().map(IpAddress::parse).toList(),
              balancers.stream().map(IpAddress::parse).toList(),
              ranges.stream().map(IpPrefix::parse).toList(),
              0);
      return this;
    }

    Spec healthCheck(int port) {
      exposure = new Service.Exposure(List.of(), List.of(), List.of(), port);
      return this;
    }

    Spec policies(TrafficPolicy internal, TrafficPolicy external) {
      traffic = new Service.Traffic(internal, external, 0, false, "");
      return this;
    }

    Spec created(long at) {
      created = at;
      return this;
    }

    Spec annotated(String key, String value) {
      annotations = Map.of(key, value);
      return this;
    }

    Service service() {
      return new Service(
          name(name),
          Service.Type.CLUSTER_IP,
          clusterIps,
          ports,
          exposure,
          traffic,
          Map.of(),
          Service.Marks.NONE,
          annotations,
          created);
    }
  }

  private static EndpointSlice.Endpoint endpoint(String address, String node, Conditions is) {
    return new EndpointSlice.Endpoint(List.of(ip(address)), is, node, "a", Hints.NONE);
  }

  private static EndpointSlice slice(
      String service, Protocol protocol, int port, EndpointSlice.Endpoint... endpoints) {
    return new EndpointSlice(
        name(service + "-x"),
        service,
        List.of(new EndpointSlice.Port("", protocol, port)),
        List.of(endpoints));
  }

  private static List<PortAddress> chosen(Frontend frontend, boolean outside) {
    return frontend.backends(outside).usable().stream().map(Backend::address).toList();
  }

  private ServiceName owner(String address, int port) {
    return services.frontend(tcp(address, port)).orElseThrow().name();
  }

  @Test
  void healthChecksCountReadyEndpointsOfThisNode() {
    var spec = new Spec("web", "10.96.0.1").port(Protocol.TCP, 80, 0).port(Protocol.UDP, 80, 0);
    services.put(spec.healthCheck(32000).service());
    var ready = endpoint("10.244.1.2", "node-1", Conditions.READY);
    var leaving = endpoint("10.244.1.3", "node-1", new Conditions(false, true, true));
    var far = endpoint("10.244.2.2", "node-2", Conditions.READY);
    services.put(slice("web", Protocol.TCP, 8080, ready, leaving, far));
    services.update();
    assertThat(services.healthChecks()).containsExactly(new HealthCheck(name("web"), 32000, 1));
    services.put(slice("web", Protocol.TCP, 8080, leaving, far));
    services.update();
    assertThat(services.healthChecks())
        .as("one that terminates serves, but is not to get more")
        .containsExactly(new HealthCheck(name("web"), 32000, 0));
    services.removeService(name("web"));
    services.update();
    assertThat(services.healthChecks()).isEmpty();
  }

  @Test
  void oneChangeConcernsOneService() {
    services.put(new Spec("web", "10.96.0.1").port(Protocol.TCP, 80, 30080).service());
    services.put(new Spec("dns", "10.96.0.10").port(Protocol.UDP, 53, 0).service());
    services.put(
        slice("web", Protocol.TCP, 8080, endpoint("10.244.1.2", "node-1", Conditions.READY)));
    assertThat(services.update().frontends())
        .containsOnlyKeys(tcp("10.96.0.1", 80), tcp("0.0.0.0", 30080), udp("10.96.0.10", 53));
    services.put(
        slice("dns", Protocol.UDP, 53, endpoint("10.244.1.3", "node-1", Conditions.READY)));
    assertThat(services.update().frontends()).containsOnlyKeys(udp("10.96.0.10", 53));
    assertThat(services.update().isEmpty()).isTrue();
  }

  @Test
  void unchangedObjectsAreNoChange() {
    var web = new Spec("web", "10.96.0.1").port(Protocol.TCP, 80, 0).service();
    services.put(web);
    assertThat(services.update().isEmpty()).isFalse();
    services.put(new Spec("web", "10.96.0.1").port(Protocol.TCP, 80, 0).service());
    assertThat(services.update().isEmpty()).isTrue();
  }

  @Test
  void frontendsOfOnePortShareTheirBackends() {
    services.put(
        new Spec("web", "10.96.0.1")
            .port(Protocol.TCP, 80, 30080)
            .exposed(List.of("203.0.113.1"), List.of("198.51.100.80"), List.of())
            .service());
    services.put(
        slice("web", Protocol.TCP, 8080, endpoint("10.244.1.2", "node-1", Conditions.READY)));
    services.update();
    assertThat(services.frontends().values())
        .extracting(Frontend::outside)
        .containsOnly(services.frontend(tcp("10.96.0.1", 80)).orElseThrow().inside());
    assertThat(services.frontends().values())
        .extracting(Frontend::type)
        .containsExactlyInAnyOrder(
            FrontendType.CLUSTER_IP,
            FrontendType.NODE_PORT,
            FrontendType.EXTERNAL_IPS,
            FrontendType.LOAD_BALANCER);
  }

  @Test
  void ofTwoThatWantOneNodePortTheOlderHasIt() {
    services.put(
        new Spec("young", "10.96.0.1").port(Protocol.TCP, 80, 30080).created(20).service());
    services.update();
    services.put(new Spec("old", "10.96.0.2").port(Protocol.TCP, 80, 30080).created(10).service());
    var changes = services.update();
    assertThat(changes.frontends()).containsKey(tcp("0.0.0.0", 30080));
    assertThat(owner("0.0.0.0", 30080)).isEqualTo(name("old"));
    assertThat(services.problems())
        .containsOnly(
            Map.entry(
                new Owner(name("young"), false),
                List.of("0.0.0.0:30080/TCP belongs to the older service default/old")));
    services.removeService(name("old"));
    assertThat(services.update().frontends()).containsKey(tcp("0.0.0.0", 30080));
    assertThat(owner("0.0.0.0", 30080)).isEqualTo(name("young"));
    assertThat(services.problems()).isEmpty();
  }

  @Test
  void aServiceHasItsNodePortBeforeAHostPort() {
    var pod = new HostPort(tcp("0.0.0.0", 30080), ip("10.244.1.9"), 80);
    services.hostPorts(name("pod"), List.of(pod));
    services.update();
    assertThat(services.frontend(tcp("0.0.0.0", 30080)).orElseThrow().type())
        .isEqualTo(FrontendType.HOST_PORT);
    services.put(new Spec("web", "10.96.0.2").port(Protocol.TCP, 80, 30080).service());
    services.update();
    assertThat(services.frontend(tcp("0.0.0.0", 30080)).orElseThrow().type())
        .isEqualTo(FrontendType.NODE_PORT);
  }

  @Test
  void hostPortsDifferByAddressAndProtocol() {
    services.hostPorts(
        name("one"), List.of(new HostPort(tcp("127.0.0.1", 8080), ip("10.244.1.1"), 80)));
    services.hostPorts(
        name("two"), List.of(new HostPort(tcp("172.30.0.1", 8080), ip("10.244.1.2"), 80)));
    services.hostPorts(
        name("three"), List.of(new HostPort(udp("0.0.0.0", 8080), ip("10.244.1.3"), 80)));
    services.update();
    assertThat(services.frontends().values())
        .extracting(Frontend::name)
        .containsExactlyInAnyOrder(name("one"), name("two"), name("three"));
    assertThat(services.problems()).isEmpty();
  }

  @Test
  void datagramsToABackendThatServesNoMoreAreCut() {
    services.put(new Spec("dns", "10.96.0.10").port(Protocol.UDP, 53, 30053).service());
    var one = endpoint("10.244.1.3", "node-1", Conditions.READY);
    var two = endpoint("10.244.2.3", "node-2", new Conditions(false, false, false));
    services.put(slice("dns", Protocol.UDP, 53, one, two));
    assertThat(services.update().cuts()).isEmpty();
    var both = endpoint("10.244.2.3", "node-2", Conditions.READY);
    services.put(slice("dns", Protocol.UDP, 53, one, both));
    assertThat(services.update().cuts()).as("a first readiness cuts nothing").isEmpty();
    var leaving = endpoint("10.244.1.3", "node-1", new Conditions(false, true, true));
    services.put(slice("dns", Protocol.UDP, 53, leaving, both));
    assertThat(services.update().cuts()).as("it still serves").isEmpty();
    services.put(slice("dns", Protocol.UDP, 53, both));
    assertThat(services.update().cuts())
        .containsExactly(
            new Changes.Cut(
                udp("10.244.1.3", 53), List.of(udp("10.96.0.10", 53), udp("0.0.0.0", 30053))));
  }

  @Test
  void sourceRangesOfOneFamilyDoNotOpenTheOther() {
    services.put(
        new Spec("web", "10.96.0.1", "fd00::1")
            .port(Protocol.TCP, 80, 0)
            .exposed(List.of(), List.of("198.51.100.80", "2001:db8::80"), List.of("10.0.0.0/8"))
            .service());
    services.put(
        slice("web", Protocol.TCP, 8080, endpoint("fd00:244::2", "node-1", Conditions.READY)));
    services.update();
    var asked = tcp("2001:db8::80", 80);
    assertThat(
            services.explain(asked, Place.NO_NODE, new Client.Outside(ip("2001:db8::1"))).choice())
        .isEqualTo(Choice.DROP);
    assertThat(services.explain(asked, Place.NO_NODE, INSIDE).choice()).isEqualTo(Choice.BALANCE);
  }

  @Test
  void annotationsChooseTypesAndAlgorithm() {
    services.put(
        new Spec("web", "10.96.0.1")
            .port(Protocol.TCP, 80, 30080)
            .exposed(List.of(), List.of("198.51.100.80"), List.of())
            .annotated("service.cilium.io/type", "LoadBalancer")
            .service());
    services.put(
        new Spec("hashed", "10.96.0.2")
            .port(Protocol.TCP, 80, 30081)
            .annotated("service.cilium.io/lb-algorithm", "maglev")
            .service());
    services.update();
    assertThat(services.frontends())
        .containsOnlyKeys(tcp("198.51.100.80", 80), tcp("10.96.0.2", 80), tcp("0.0.0.0", 30081));
    var hashed = services.frontend(tcp("0.0.0.0", 30081)).orElseThrow();
    assertThat(hashed.outside().algorithm()).isEqualTo(Algorithm.MAGLEV);
    assertThat(hashed.inside().algorithm()).isEqualTo(Algorithm.RANDOM);
  }

  @Test
  void explanationsSayWhichAndWhyNot() {
    services.put(
        new Spec("web", "10.96.0.1")
            .port(Protocol.TCP, 80, 30080)
            .policies(TrafficPolicy.CLUSTER, TrafficPolicy.LOCAL)
            .service());
    services.put(
        slice(
            "web",
            Protocol.TCP,
            8080,
            endpoint("10.244.1.2", "node-1", new Conditions(false, false, false)),
            endpoint("10.244.2.2", "node-2", Conditions.READY)));
    services.update();
    var dropped = services.explain(tcp("172.30.0.1", 30080), Place.THIS_NODE, OUTSIDE);
    assertThat(dropped.choice()).isEqualTo(Choice.DROP);
    assertThat(dropped.reasons())
        .containsExactly(
            "172.30.0.1:30080/TCP is NodePort port 30080 of service default/web",
            "the external traffic policy is Local: endpoints on this node alone",
            "dropped");
    assertThat(dropped.candidates())
        .extracting(Explanation.Candidate::whyNot)
        .containsExactly(
            "it is not ready",
            "it is on node node-2, and the traffic policy keeps traffic on node-1");
    var inside = services.explain(tcp("172.30.0.1", 30080), Place.THIS_NODE, INSIDE);
    assertThat(inside.choice()).isEqualTo(Choice.BALANCE);
    assertThat(inside.reasons()).last().isEqualTo("one of 1 of 2 endpoints, at random");
    assertThat(services.explain(tcp("10.96.0.1", 81), Place.NO_NODE, INSIDE).reasons())
        .containsExactly("10.96.0.1 is a ClusterIP address, and no service has its port 81/TCP");
    assertThat(services.explain(tcp("10.96.0.1", 80), Place.NO_NODE, OUTSIDE).reasons())
        .contains("cluster addresses do not serve the outside");
    var elsewhere = services.explain(tcp("172.30.0.2", 30080), Place.OTHER_NODE, INSIDE);
    assertThat(elsewhere.choice()).isEqualTo(Choice.PASS);
    assertThat(elsewhere.reasons())
        .containsExactly(
            "172.30.0.2 is of another node, and the external traffic policy of service default/web"
                + " is Local: that node decides");
  }

  @Test
  void explanationsForAPodKnowItsAddresses() {
    services.put(
        new Spec("web", "10.96.0.1")
            .port(Protocol.TCP, 80, 30080)
            .exposed(List.of(), List.of("198.51.100.80"), List.of("10.244.1.0/24"))
            .service());
    services.put(
        slice("web", Protocol.TCP, 8080, endpoint("10.244.1.2", "node-1", Conditions.READY)));
    services.update();
    var near = new Client.LocalPod(List.of(ip("10.244.1.7"), ip("fd00:244::7")));
    var far = new Client.LocalPod(List.of(ip("10.244.2.7")));
    var asked = tcp("198.51.100.80", 80);
    assertThat(services.explain(asked, Place.NO_NODE, near).choice()).isEqualTo(Choice.BALANCE);
    assertThat(services.explain(asked, Place.NO_NODE, far).choice()).isEqualTo(Choice.DROP);
    assertThat(services.explain(asked, Place.NO_NODE, INSIDE).reasons())
        .contains(
            "its source ranges [10.244.1.0/24] alone may: it depends on the client's address");
    assertThat(services.explain(tcp("127.0.0.1", 30080), Place.THIS_NODE, near).reasons())
        .containsExactly("127.0.0.1 is the pod's own address");
    assertThat(services.explain(tcp("172.30.0.2", 30080), Place.OTHER_NODE, near).choice())
        .isEqualTo(Choice.BALANCE);
  }

  @Test
  void aBalancerOnANodesAddressOwnsItsPortsAlone() {
    services.put(
        new Spec("web", "10.96.0.1")
            .port(Protocol.TCP, 80, 0)
            .exposed(List.of(), List.of("172.30.0.2", "198.51.100.80"), List.of())
            .service());
    services.update();
    assertThat(services.wholeAddresses())
        .containsOnly(
            Map.entry(ip("10.96.0.1"), FrontendType.CLUSTER_IP),
            Map.entry(ip("198.51.100.80"), FrontendType.LOAD_BALANCER));
    assertThat(services.explain(tcp("172.30.0.2", 22), Place.THIS_NODE, OUTSIDE).choice())
        .isEqualTo(Choice.PASS);
    services.node(new NodeFacts("node-1", "a", Set.of(ip("172.30.0.1"))));
    assertThat(services.update().addresses())
        .containsOnly(Map.entry(ip("172.30.0.2"), Optional.of(FrontendType.LOAD_BALANCER)));
  }

  @Test
  void aSliceThatChangesItsServiceLeavesTheFormer() {
    services.put(new Spec("one", "10.96.0.1").port(Protocol.TCP, 80, 0).service());
    services.put(new Spec("two", "10.96.0.2").port(Protocol.TCP, 80, 0).service());
    var endpoint = endpoint("10.244.1.2", "node-1", Conditions.READY);
    var port = List.of(new EndpointSlice.Port("", Protocol.TCP, 8080));
    services.put(new EndpointSlice(name("slice"), "one", port, List.of(endpoint)));
    services.update();
    services.put(new EndpointSlice(name("slice"), "two", port, List.of(endpoint)));
    services.update();
    assertThat(services.frontend(tcp("10.96.0.1", 80)).orElseThrow().inside().choice())
        .isEqualTo(Choice.REJECT);
    assertThat(chosen(services.frontend(tcp("10.96.0.2", 80)).orElseThrow(), false))
        .containsExactly(tcp("10.244.1.2", 8080));
  }

  @Test
  void severalSlicesPortsAndAddressesComeTogether() {
    services.put(
        new Service(
            name("multi"),
            Service.Type.CLUSTER_IP,
            List.of(ip("10.96.0.1")),
            List.of(
                new ServicePort("http", Protocol.TCP, 80, 0, "web"),
                new ServicePort("dns", Protocol.UDP, 53, 0, "")),
            Service.Exposure.NONE,
            Service.Traffic.DEFAULT,
            Map.of(),
            Service.Marks.NONE,
            Map.of(),
            1));
    var ready = endpoint("10.244.1.2", "node-1", Conditions.READY);
    var other =
        new EndpointSlice.Endpoint(
            List.of(ip("10.244.2.2"), ip("10.244.2.3")),
            Conditions.READY,
            "node-2",
            "a",
            Hints.NONE);
    services.put(
        new EndpointSlice(
            name("multi-1"),
            "multi",
            List.of(
                new EndpointSlice.Port("http", Protocol.TCP, 8080),
                new EndpointSlice.Port("dns", Protocol.UDP, 53)),
            List.of(ready, other)));
    services.put(
        new EndpointSlice(
            name("multi-2"),
            "multi",
            List.of(new EndpointSlice.Port("http", Protocol.TCP, 9090)),
            List.of(ready)));
    services.update();
    assertThat(chosen(services.frontend(tcp("10.96.0.1", 80)).orElseThrow(), false))
        .as("a named port may be another number in another slice")
        .containsExactly(
            tcp("10.244.1.2", 8080),
            tcp("10.244.1.2", 9090),
            tcp("10.244.2.2", 8080),
            tcp("10.244.2.3", 8080));
    assertThat(chosen(services.frontend(udp("10.96.0.1", 53)).orElseThrow(), false)).hasSize(3);
  }
}
