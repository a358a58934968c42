// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import static io.jilium.agent.service.ServiceObjects.clusterIp;
import static io.jilium.agent.service.ServiceObjects.name;
import static io.jilium.agent.service.ServiceObjects.services;
import static io.jilium.agent.service.ServiceObjects.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

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
import io.jilium.core.service.Algorithm;
import io.jilium.core.service.Backend;
import io.jilium.core.service.BackendSet;
import io.jilium.core.service.Choice;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.Services;
import io.jilium.datapath.BackendSetEntry;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.FrontendFlag;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.MemberKey;
import io.jilium.datapath.RangeKey;
import io.jilium.datapath.ServiceConfig;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.datapath.ServiceMaps;
import io.jilium.datapath.ServiceSizes;
import io.jilium.datapath.SetFlag;
import io.jilium.test.kit.BpffsDirectory;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the decisions say is what programs find in the kernel's maps. */
@Tag("kernel")
final class ServiceTablesTest {
  private static final int MAGLEV = 251;
  private static final ServiceSizes SMALL = ServiceSizes.of(256, MAGLEV);
  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();
  private final Random random = new Random(11);
  private final Map<ServiceName, Service> known = new HashMap<>();
  private final Map<ServiceName, EndpointSlice> slices = new HashMap<>();
  private long now;

  private ServiceDatapath load(ServiceSizes sizes) {
    return ServiceDatapath.load(bpffs.path(), new ServiceConfig(1, false, true, sizes));
  }

  private ServiceTables tables(ServiceDatapath datapath, int maglev) {
    return new ServiceTables(datapath.maps(), new Maglev(maglev, "seed"), false, () -> now);
  }

  @Test
  void randomChangesAndRestartsLeaveWhatIsDecided() {
    var ids = new HashMap<FrontendKey, Integer>();
    for (int life = 0; life < 6; life++) {
      try (var datapath = load(SMALL)) {
        var services = services();
        known.values().forEach(services::put);
        slices.values().forEach(services::put);
        services.update();
        var tables = tables(datapath, MAGLEV);
        tables.start(services);
        var maps = datapath.maps();
        compare(services, tables, maps);
        maps.frontends()
            .forEach((key, entry) ->
                assertThat(ids.getOrDefault(key, entry.id())).isEqualTo(entry.id()));
        for (int step = 0; step < 150; step++) {
          now += 40_000_000;
          change(services);
          tables.apply(services.update());
          compare(services, tables, maps);
        }
        ids.clear();
        maps.frontends().forEach((key, entry) -> ids.put(key, entry.id()));
        disturb(life);
      }
    }
  }

  /** What happens while no agent runs. */
  private void disturb(int life) {
    if (life % 2 == 1) {
      known.remove(name("s" + life));
      slices.remove(name("slice" + life));
    }
  }

  private void change(Services services) {
    var service = name("s" + random.nextInt(8));
    var slice = name("slice" + random.nextInt(16));
    switch (random.nextInt(8)) {
      case 0 -> {
        known.remove(service);
        services.removeService(service);
      }
      case 1 -> {
        slices.remove(slice);
        services.removeSlice(slice);
      }
      case 2, 3 -> {
        var changed = randomService(service);
        known.put(service, changed);
        services.put(changed);
      }
      default -> {
        var changed = randomSlice(slice);
        slices.put(slice, changed);
        services.put(changed);
      }
    }
  }

  private Service randomService(ServiceName name) {
    int number = Integer.parseInt(name.name().substring(1));
    var protocol = random.nextBoolean() ? Protocol.TCP : Protocol.UDP;
    return new Service(
        name,
        Service.Type.LOAD_BALANCER,
        List.of(IpAddress.v4(0x0a60_0001 + number), IpAddress.parse("fd00:96::" + (number + 1))),
        List.of(new ServicePort("", protocol, 80, 30000 + random.nextInt(10), "")),
        new Service.Exposure(
            List.of(),
            random.nextBoolean() ? List.of(IpAddress.v4(0xc633_6401 + number)) : List.of(),
            random.nextBoolean() ? List.of(IpPrefix.parse("10.0.0.0/8")) : List.of(),
            0),
        new Service.Traffic(
            TrafficPolicy.CLUSTER,
            random.nextBoolean() ? TrafficPolicy.LOCAL : TrafficPolicy.CLUSTER,
            random.nextBoolean() ? 30 : 0,
            false,
            ""),
        Map.of(),
        Service.Marks.NONE,
        Map.of(),
        number + 1);
  }

  private EndpointSlice randomSlice(ServiceName name) {
    boolean v4 = random.nextBoolean();
    var endpoints = new ArrayList<EndpointSlice.Endpoint>();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      int host = 1 + random.nextInt(12);
      endpoints.add(
          new EndpointSlice.Endpoint(
              List.of(IpAddress.parse((v4 ? "10.244.0." : "fd00:244::") + host)),
              new Conditions(random.nextInt(3) > 0, random.nextBoolean(), random.nextBoolean()),
              "node-" + (1 + random.nextInt(2)),
              "",
              Hints.NONE));
    }
    return new EndpointSlice(
        name,
        "s" + random.nextInt(8),
        List.of("", "0", "1", "1000").get(random.nextInt(4)),
        List.of(
            new EndpointSlice.Port("", Protocol.TCP, 8080),
            new EndpointSlice.Port("", Protocol.UDP, 8080)),
        endpoints);
  }

  static void compare(Services services, ServiceTables tables, ServiceMaps maps) {
    assertThat(tables.failures()).isEmpty();
    var entries = maps.frontends().entries();
    var frontends = services.frontends();
    assertThat(entries).hasSize(frontends.size() + services.wholeAddresses().size());
    var listed = new HashSet<PortAddress>();
    services.backends().values().forEach(list -> list.forEach(b -> listed.add(b.address())));
    frontends.forEach((address, frontend) -> {
      var entry = java.util.Objects.requireNonNull(entries.get(FrontendRows.key(address)));
      assertThat(entry.type()).isEqualTo(frontend.type().number());
      assertThat(entry.affinitySeconds()).isEqualTo(frontend.policy().affinitySeconds());
      compareSet(frontend.inside(), entry.inside(), frontend, maps);
      compareSet(frontend.outside(), entry.outside(), frontend, maps);
      for (var range : frontend.policy().ranges()) {
        assertThat(maps.sourceRanges().lookup(new RangeKey(entry.id(), range))).isPresent();
      }
    });
    services
        .wholeAddresses()
        .forEach((address, type) -> {
          var entry = java.util.Objects.requireNonNull(entries.get(FrontendRows.whole(address)));
          assertThat(entry.has(FrontendFlag.WHOLE_ADDRESS)).isTrue();
          assertThat(entry.type()).isEqualTo(type.number());
        });
    for (int id = 1; id < maps.backends().capacity(); id++) {
      maps.backends()
          .get(id)
          .ifPresent(b ->
              assertThat(listed)
                  .contains(
                      new PortAddress(
                          b.address(), b.port(), Protocol.of(b.protocol()).orElseThrow())));
    }
  }

  /** Reads the set as the programs do. */
  private static void compareSet(
      BackendSet set, BackendSetEntry entry, Frontend frontend, ServiceMaps maps) {
    var found = new HashSet<PortAddress>();
    for (int i = 0; i < entry.count(); i++) {
      var slot = maps.slots().get(entry.base() + i);
      assertThat(slot.set()).isEqualTo(entry.id());
      var backend = maps.backends().get(slot.backend()).orElseThrow();
      found.add(
          new PortAddress(
              backend.address(), backend.port(), Protocol.of(backend.protocol()).orElseThrow()));
      boolean remembered =
          frontend.address().protocol() == Protocol.UDP || frontend.policy().affinitySeconds() > 0;
      if (remembered) {
        assertThat(maps.members().lookup(new MemberKey(entry.id(), slot.backend()))).isPresent();
      }
    }
    assertThat(found)
        .as("%s", set.key())
        .isEqualTo(set.usable().stream().map(Backend::address).collect(Collectors.toSet()));
    assertThat(SetFlag.DROP.in(entry.flags())).isEqualTo(set.choice() == Choice.DROP);
    boolean table = set.algorithm() == Algorithm.MAGLEV && entry.count() > 0;
    assertThat(SetFlag.MAGLEV.in(entry.flags())).isEqualTo(table);
    if (table) {
      var positions = maps.maglev().lookup(entry.base()).orElseThrow();
      assertThat(positions).hasSize(MAGLEV);
      for (int position : positions) {
        assertThat(position).isLessThan(entry.count());
      }
    }
  }

  @Test
  void backendsOfASetAreReplacedAtOnce() {
    try (var datapath = load(SMALL)) {
      var services = services();
      var tables = tables(datapath, MAGLEV);
      services.put(clusterIp(1, Protocol.TCP));
      services.put(slice(1, 1, 3, Protocol.TCP));
      tables.apply(services.update());
      var key = FrontendRows.key(services.frontends().keySet().iterator().next());
      var before = datapath.maps().frontends().lookup(key).orElseThrow().inside();
      services.put(slice(1, 2, 3, Protocol.TCP));
      tables.apply(services.update());
      var after = datapath.maps().frontends().lookup(key).orElseThrow().inside();
      assertThat(after.id()).isEqualTo(before.id());
      assertThat(after.base()).isNotEqualTo(before.base());
      for (int i = 0; i < 3; i++) {
        assertThat(datapath.maps().slots().get(before.base() + i).set())
            .as("whoever read the frontend a moment ago finds the slots that it named")
            .isEqualTo(before.id());
      }
      now += Duration.ofSeconds(1).toNanos();
      services.put(clusterIp(2, Protocol.TCP));
      tables.apply(services.update());
      assertThat(datapath.maps().slots().get(before.base()).set()).isZero();
    }
  }

  @Test
  void whatDoesNotFitIsNamedAndComesWhenThereIsRoom() {
    try (var datapath = load(new ServiceSizes(3, 64, 64, 16, 16, 16, MAGLEV))) {
      var services = services();
      var tables = tables(datapath, MAGLEV);
      for (int i = 0; i < 2; i++) {
        services.put(clusterIp(i, Protocol.TCP));
        services.put(slice(i, i * 4, 4, Protocol.TCP));
      }
      tables.apply(services.update());
      assertThat(tables.failures().values())
          .singleElement(STRING)
          .startsWith("add to the frontends table")
          .endsWith("it is full with 3 entries; raise bpf.lbMapMax");
      assertThat(tables.uses())
          .containsExactly(
              new ServiceView.Use(DatapathMap.FRONTENDS, 3, 3),
              new ServiceView.Use(DatapathMap.BACKENDS, 8, 63),
              new ServiceView.Use(DatapathMap.BACKEND_SLOTS, 8, 64));
      services.removeService(name("s0"));
      tables.apply(services.update());
      assertThat(tables.retry(services)).isTrue();
      compare(services, tables, datapath.maps());
    }
  }

  @Test
  void aServiceTooLargeForTheSlotsKeepsItsFormerBackends() {
    try (var datapath = load(new ServiceSizes(16, 256, 32, 16, 16, 16, MAGLEV))) {
      var services = services();
      var tables = tables(datapath, MAGLEV);
      services.put(clusterIp(1, Protocol.TCP));
      services.put(slice(1, 1, 10, Protocol.TCP));
      tables.apply(services.update());
      var before = services.frontends();
      services.put(slice(1, 1, 60, Protocol.TCP));
      tables.apply(services.update());
      assertThat(tables.failures().values())
          .containsExactly("the backend_slots table is full with 32 entries; raise bpf.lbMapMax");
      before.forEach((address, frontend) -> {
        var entry = datapath.maps().frontends().lookup(FrontendRows.key(address)).orElseThrow();
        compareSet(frontend.inside(), entry.inside(), frontend, datapath.maps());
      });
      services.put(slice(1, 1, 12, Protocol.TCP));
      now += Duration.ofSeconds(1).toNanos();
      tables.apply(services.update());
      compare(services, tables, datapath.maps());
    }
  }

  @Test
  void whatOthersChangedIsRepaired() {
    try (var datapath = load(SMALL)) {
      var services = services();
      var tables = tables(datapath, MAGLEV);
      services.put(clusterIp(1, Protocol.UDP));
      services.put(slice(1, 1, 3, Protocol.UDP));
      tables.apply(services.update());
      var maps = datapath.maps();
      var key = FrontendRows.key(services.frontends().keySet().iterator().next());
      var entry = maps.frontends().lookup(key).orElseThrow();
      maps.slots().clear(entry.inside().base(), 2);
      maps.backends().remove(1);
      maps.frontends().put(new FrontendKey(IpAddress.parse("10.9.9.9"), 80, 6), entry);
      maps.members().put(new MemberKey(77, 77), 1);
      maps.frontends().delete(FrontendRows.whole(key.address()));
      tables.repair(services);
      compare(services, tables, maps);
      assertThat(maps.members().lookup(new MemberKey(77, 77))).isEmpty();
    }
  }

  /** Not the clock: other tests share the machine. */
  private static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Test
  void tenThousandServicesTakeThreeSecondsOfOneProcessor() {
    int count = 10_000;
    try (var datapath = load(ServiceSizes.DEFAULT)) {
      var services = services();
      var tables = tables(datapath, 16381);
      long start = processorTime();
      for (int i = 0; i < count; i++) {
        services.put(clusterIp(i, Protocol.TCP));
        services.put(slice(i, i * 10, 10, Protocol.TCP));
      }
      services.update();
      tables.start(services);
      var took = Duration.ofNanos(processorTime() - start);
      assertThat(tables.failures()).isEmpty();
      assertThat(datapath.maps().frontends().entries()).hasSize(2 * count);
      assertThat(took).isLessThan(Duration.ofSeconds(3));
      start = processorTime();
      for (int i = 0; i < 1000; i++) {
        now += 1_000_000;
        services.put(slice(17, 170, 10 - i % 2, Protocol.TCP));
        tables.apply(services.update());
      }
      assertThat(Duration.ofNanos(processorTime() - start).dividedBy(1000))
          .as("one change of one endpoint")
          .isLessThan(Duration.ofMillis(5));
      long again = processorTime();
      tables(datapath, 16381).start(services);
      assertThat(Duration.ofNanos(processorTime() - again)).isLessThan(Duration.ofSeconds(3));
    }
  }
}
