// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import static io.jilium.agent.service.ServiceObjects.clusterIp;
import static io.jilium.agent.service.ServiceObjects.name;
import static io.jilium.agent.service.ServiceObjects.services;
import static io.jilium.agent.service.ServiceObjects.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.ServiceConfig;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.datapath.ServiceMaps;
import io.jilium.datapath.ServiceSizes;
import io.jilium.datapath.SocketDirection;
import io.jilium.datapath.SocketFlowEntry;
import io.jilium.datapath.SocketFlowKey;
import io.jilium.test.kit.BpffsDirectory;
import java.util.ArrayList;
import java.util.HashSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** UDP sockets whose backend is gone. */
@Tag("kernel")
final class SocketCutsTest {
  private static final int MAGLEV = 251;
  private static final ServiceSizes SMALL = ServiceSizes.of(256, MAGLEV);

  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();

  private ServiceDatapath load() {
    return ServiceDatapath.load(bpffs.path(), new ServiceConfig(1, false, true, SMALL));
  }

  private static ServiceTables tables(ServiceDatapath datapath) {
    return new ServiceTables(datapath.maps(), new Maglev(MAGLEV, "seed"), false, System::nanoTime);
  }

  private static final long FIRST_SOCKET = 100;

  /** As the program of sockets does when a socket connects through the service. */
  private static void connected(
      ServiceMaps maps, ServiceTables tables, long cookie, int service, int backend) {
    var address = new PortAddress(IpAddress.v4(0x0a60_0001 + service), 80, Protocol.UDP);
    maps.socketFlows()
        .put(
            new SocketFlowKey(
                cookie,
                IpAddress.v4(0x0af4_0000 + backend),
                8080,
                SocketDirection.REVERSE.number()),
            new SocketFlowEntry(address.address(), 80, tables.id(address), 1, 1));
  }

  @Test
  void socketsForgetBackendsThatAreGoneAndThoseThatAreConnectedAreCut() {
    try (var datapath = load()) {
      var services = services();
      var tables = tables(datapath);
      for (int i = 1; i <= 2; i++) {
        services.put(clusterIp(i, Protocol.UDP));
        services.put(slice(i, 1, 3, Protocol.UDP));
      }
      tables.apply(services.update());
      for (int i = 1; i <= 3; i++) {
        connected(datapath.maps(), tables, FIRST_SOCKET + i, 1, i);
      }
      connected(datapath.maps(), tables, FIRST_SOCKET + 4, 2, 3);
      var aborted = new ArrayList<Long>();
      var cuts = new SocketCuts(datapath.maps().socketFlows(), aborted::addAll);
      services.put(slice(1, 1, 2, Protocol.UDP));
      var changes = services.update();
      var wanted = SocketCuts.wanted(changes.cuts(), tables);
      tables.apply(changes);
      assertThat(cuts.apply(wanted)).isEqualTo(1);
      assertThat(aborted)
          .as("of the first service alone, and of the backend that went")
          .containsExactly(FIRST_SOCKET + 3);
      assertThat(cuts.sweep(services, tables)).as("all others are served").isZero();
      services.removeService(name("s2"));
      var gone = services.update();
      var wantedOfGone = SocketCuts.wanted(gone.cuts(), tables);
      tables.apply(gone);
      assertThat(cuts.apply(wantedOfGone)).as("of a service that is gone").isEqualTo(1);
      assertThat(aborted).containsExactly(FIRST_SOCKET + 3, FIRST_SOCKET + 4);
    }
  }

  @Test
  void whatWentWhileNoAgentRanIsForgottenLater() {
    try (var datapath = load()) {
      var services = services();
      var tables = tables(datapath);
      for (int i = 1; i <= 2; i++) {
        services.put(clusterIp(i, Protocol.UDP));
        services.put(slice(i, 1, 2, Protocol.UDP));
      }
      tables.apply(services.update());
      connected(datapath.maps(), tables, FIRST_SOCKET + 1, 1, 1);
      connected(datapath.maps(), tables, FIRST_SOCKET + 2, 1, 2);
      connected(datapath.maps(), tables, FIRST_SOCKET + 3, 2, 1);
      var later = services();
      later.put(clusterIp(1, Protocol.UDP));
      later.put(slice(1, 2, 1, Protocol.UDP));
      later.update();
      var kernel = tables(datapath);
      kernel.start(later);
      var aborted = new HashSet<Long>();
      new SocketCuts(datapath.maps().socketFlows(), aborted::addAll).sweep(later, kernel);
      assertThat(aborted)
          .as("one lost its backend, one its service")
          .containsExactlyInAnyOrder(FIRST_SOCKET + 1, FIRST_SOCKET + 3);
      assertThat(datapath.maps().socketFlows().entries()).hasSize(1);
    }
  }
}
