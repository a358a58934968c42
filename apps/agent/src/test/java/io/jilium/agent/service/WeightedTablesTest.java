// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import static io.jilium.agent.service.ServiceObjects.name;
import static io.jilium.agent.service.ServiceObjects.services;
import static io.jilium.agent.service.ServiceObjects.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServicePort;
import io.jilium.core.service.BackendState;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.ServiceConfig;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.datapath.ServiceMaps;
import io.jilium.datapath.ServiceSizes;
import io.jilium.datapath.SetFlag;
import io.jilium.test.kit.BpffsDirectory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables of consistent choice, as programs find them in the kernel. */
@Tag("kernel")
final class WeightedTablesTest {
  private static final int MAGLEV = 251;
  private static final ServiceSizes SMALL = ServiceSizes.of(256, MAGLEV);

  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();

  private ServiceDatapath load() {
    return ServiceDatapath.load(bpffs.path(), new ServiceConfig(1, false, true, SMALL));
  }

  private static ServiceTables tables(ServiceDatapath datapath, String seed) {
    return new ServiceTables(datapath.maps(), new Maglev(MAGLEV, seed), false, System::nanoTime);
  }

  private static final FrontendKey OUTSIDE = new FrontendKey(IpAddress.parse("0.0.0.0"), 30080, 6);

  private static Service nodePort() {
    return new Service(
        name("s1"),
        Service.Type.NODE_PORT,
        List.of(IpAddress.parse("10.96.0.1")),
        List.of(new ServicePort("", Protocol.TCP, 80, OUTSIDE.port(), "")),
        Service.Exposure.NONE,
        Service.Traffic.DEFAULT,
        Map.of(),
        Service.Marks.NONE,
        Map.of(),
        1);
  }

  /** Endpoints of the service with the numbers from first on. */
  private static EndpointSlice weighted(String name, String weight, int first, int count) {
    var slice = slice(1, first, count, Protocol.TCP);
    return new EndpointSlice(name(name), "s1", weight, slice.ports(), slice.endpoints());
  }

  /** Entries of the table, by the last number of the backend's address. */
  private static Map<Integer, Integer> entries(ServiceMaps maps) {
    var set = maps.frontends().lookup(OUTSIDE).orElseThrow().outside();
    assertThat(SetFlag.MAGLEV.in(set.flags())).isTrue();
    var entries = new TreeMap<Integer, Integer>();
    for (int position : maps.maglev().lookup(set.base()).orElseThrow()) {
      var backend = maps.backends().get(maps.slots().get(set.base() + position).backend());
      entries.merge(backend.orElseThrow().address().bytes()[3] & 0xff, 1, Integer::sum);
    }
    return entries;
  }

  private static int sum(Map<Integer, Integer> entries, int first, int count) {
    return IntStream.range(first, first + count).map(i -> entries.getOrDefault(i, 0)).sum();
  }

  @Test
  void slicesShareTheTableByWeight() {
    try (var datapath = load()) {
      var services = services();
      var tables = tables(datapath, "seed");
      services.put(nodePort());
      services.put(weighted("stable", "300", 1, 2));
      services.put(weighted("canary", "", 3, 2));
      tables.apply(services.update());
      var entries = entries(datapath.maps());
      assertThat(sum(entries, 1, 2)).as("3 of 4").isCloseTo(MAGLEV * 3 / 4, offset(3));
      services.put(weighted("canary", "900", 3, 2));
      tables.apply(services.update());
      assertThat(sum(entries(datapath.maps()), 1, 2))
          .as("1 of 4, once the weight alone has changed")
          .isCloseTo(MAGLEV / 4, offset(3));
      services.put(weighted("stable", "0", 1, 2));
      tables.apply(services.update());
      assertThat(entries(datapath.maps())).containsOnlyKeys(3, 4);
      assertThat(
              datapath
                  .maps()
                  .backends()
                  .get(
                      tables.backendId(
                          new PortAddress(IpAddress.v4(0x0af4_0001), 8080, Protocol.TCP)))
                  .orElseThrow()
                  .state())
          .as("kept for the connections that it has")
          .isEqualTo(BackendState.MAINTENANCE.number());
    }
  }

  @Test
  void aTableIsTakenOverFromAFormerAgentIfItIsTheSame() {
    try (var datapath = load()) {
      var maps = datapath.maps();
      for (var weight : List.of("100", "100", "300")) {
        var before = maps.frontends().lookup(OUTSIDE).map(entry -> entry.outside().base());
        var services = services();
        services.put(nodePort());
        services.put(weighted("stable", "", 1, 1));
        services.put(weighted("canary", weight, 2, 1));
        services.update();
        tables(datapath, "seed").start(services);
        int after = maps.frontends().lookup(OUTSIDE).orElseThrow().outside().base();
        before.ifPresent(base -> assertThat(after == base).isEqualTo(weight.equals("100")));
        int share = MAGLEV * Integer.parseInt(weight) / (100 + Integer.parseInt(weight));
        assertThat(sum(entries(maps), 2, 1)).isCloseTo(share, offset(2));
        assertThat(maps.maglev().entries()).as("others are gone").hasSize(1);
      }
    }
  }

  @Test
  void anotherSeedFillsTablesAnew() {
    try (var datapath = load()) {
      var maps = datapath.maps();
      var services = services();
      services.put(nodePort());
      services.put(slice(1, 1, 5, Protocol.TCP));
      services.update();
      tables(datapath, "seed").start(services);
      var first = maps.maglev().entries().values().iterator().next();
      tables(datapath, "other").start(services);
      assertThat(maps.maglev().entries().values()).hasSize(1).doesNotContain(first);
    }
  }
}
