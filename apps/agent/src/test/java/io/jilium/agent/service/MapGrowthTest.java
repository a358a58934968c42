// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import static io.jilium.agent.service.ServiceObjects.clusterIp;
import static io.jilium.agent.service.ServiceObjects.slice;
import static io.jilium.agent.service.ServiceTablesTest.compare;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.Protocol;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.Services;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.FrontendEntry;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.ServiceConfig;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.datapath.ServiceSizes;
import io.jilium.test.kit.BpffsDirectory;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables of services that outgrow their maps. */
@Tag("kernel")
final class MapGrowthTest {
  private static final int MAGLEV = 251;
  private static final ServiceSizes TINY = new ServiceSizes(16, 16, 16, 16, 16, 16, MAGLEV);

  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();
  private final Services services = ServiceObjects.services();
  private boolean refuse;
  private int asked;
  private long now;

  private ServiceDatapath load() {
    return ServiceDatapath.load(bpffs.path(), new ServiceConfig(1, false, true, TINY));
  }

  private ServiceTables tables(ServiceDatapath datapath) {
    return new ServiceTables(datapath.maps(), new Maglev(MAGLEV, "seed"), false, () -> now);
  }

  private MapGrowth growth(ServiceDatapath datapath, ServiceTables tables, int limit) {
    return new MapGrowth(datapath, limit, this::packets, tables::moveTo, () -> now);
  }

  private void packets() {
    asked++;
    if (refuse) {
      throw new IllegalStateException("no memory for programs");
    }
  }

  private void addServices(int first, int count, int backends) {
    for (int i = first; i < first + count; i++) {
      services.put(clusterIp(i, Protocol.UDP));
      services.put(slice(i, i * backends, backends, Protocol.UDP));
    }
  }

  @Test
  void tablesThatOutgrowTheirMapsAreInTheKernelAtOnce() {
    Map<FrontendKey, FrontendEntry> before;
    try (var datapath = load()) {
      var tables = tables(datapath);
      var growth = growth(datapath, tables, 1 << 20);
      addServices(0, 3, 2);
      tables.apply(services.update());
      growth.makeRoom(tables, services);
      assertThat(growth.resizes()).as("there is room").isEmpty();
      before = datapath.maps().frontends().entries();
      addServices(3, 100, 3);
      tables.apply(services.update());
      assertThat(tables.failures()).isNotEmpty();
      growth.makeRoom(tables, services);
      compare(services, tables, datapath.maps());
      assertThat(datapath.maps().frontends().entries())
          .as("others stay")
          .containsAllEntriesOf(before);
      assertThat(growth.resizes())
          .containsOnlyKeys(
              DatapathMap.FRONTENDS,
              DatapathMap.BACKENDS,
              DatapathMap.BACKEND_SLOTS,
              DatapathMap.MEMBERS);
      assertThat(growth.resizes())
          .as("what is known to be needed is given at once")
          .containsEntry(DatapathMap.FRONTENDS, 1)
          .containsEntry(DatapathMap.BACKENDS, 1);
      assertThat(growth.obstacle()).isEmpty();
      tables.uses().forEach(use -> assertThat(use.used()).isLessThan(use.capacity()));
      before = datapath.maps().frontends().entries();
    }
    try (var datapath = load()) {
      var tables = tables(datapath);
      tables.start(services);
      compare(services, tables, datapath.maps());
      assertThat(datapath.maps().frontends().entries()).as("after a restart").isEqualTo(before);
    }
  }

  @Test
  void changesGoOnInTheLargerMaps() {
    try (var datapath = load()) {
      var tables = tables(datapath);
      var growth = growth(datapath, tables, 1 << 20);
      for (int i = 0; i < 40; i++) {
        now += Duration.ofSeconds(1).toNanos();
        addServices(i, 1, 1 + i % 4);
        if (i % 3 == 2) {
          services.removeService(clusterIp(i - 2, Protocol.UDP).id());
        }
        tables.apply(services.update());
        growth.makeRoom(tables, services);
        compare(services, tables, datapath.maps());
      }
      tables.repair(services);
      compare(services, tables, datapath.maps());
    }
  }

  @Test
  void atTheLimitItIsNamedWhatToRaise() {
    try (var datapath = load()) {
      var tables = tables(datapath);
      var growth = growth(datapath, tables, 32);
      addServices(0, 60, 1);
      tables.apply(services.update());
      growth.makeRoom(tables, services);
      assertThat(datapath.maps().capacity(DatapathMap.FRONTENDS)).isEqualTo(32);
      assertThat(tables.failures().values())
          .isNotEmpty()
          .allSatisfy(
              text -> assertThat(text).endsWith("is full with 32 entries; raise bpf.lbMapMax"));
      assertThat(growth.obstacle()).isEqualTo("jilium.lbMapLimit is 32: agents make it no larger");
    }
  }

  @Test
  void whatIsRefusedIsAskedForAgainLater() {
    try (var datapath = load()) {
      var tables = tables(datapath);
      var growth = growth(datapath, tables, 1 << 20);
      addServices(0, 20, 1);
      tables.apply(services.update());
      refuse = true;
      growth.makeRoom(tables, services);
      tables.retry(services);
      growth.makeRoom(tables, services);
      assertThat(asked).isEqualTo(1);
      assertThat(tables.failures()).isNotEmpty();
      assertThat(growth.obstacle())
          .isEqualTo("it could not be made larger: no memory for programs");
      assertThat(datapath.maps().capacity(DatapathMap.BACKENDS)).isEqualTo(16);
      refuse = false;
      now += Duration.ofMinutes(2).toNanos();
      tables.retry(services);
      growth.makeRoom(tables, services);
      compare(services, tables, datapath.maps());
      assertThat(growth.obstacle()).isEmpty();
    }
  }

  @Test
  void aLimitOfNothingSwitchesItOff() {
    try (var datapath = load()) {
      var tables = tables(datapath);
      var growth = growth(datapath, tables, 0);
      assertThat(growth.grow(Map.of(DatapathMap.FRONTENDS, 0))).isFalse();
      assertThat(asked).isZero();
    }
  }
}
