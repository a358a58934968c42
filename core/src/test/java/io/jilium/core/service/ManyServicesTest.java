// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.EndpointSlice.Conditions;
import io.jilium.core.model.EndpointSlice.Hints;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** 10,000 services with 10 backends each. Times are those of the CPU: others may run beside. */
class ManyServicesTest {
  private static final int SERVICES = 10_000;
  private static final int BACKENDS = 10;

  private Services services =
      new Services(ServiceOptions.DEFAULT, new NodeFacts("node-1", "a", Set.of()));

  @BeforeEach
  void startEmpty() {
    services = new Services(ServiceOptions.DEFAULT, new NodeFacts("node-1", "a", Set.of()));
  }

  private static ServiceName name(int number) {
    return new ServiceName("default", "service-" + number);
  }

  private static Service service(int number) {
    return new Service(
        name(number),
        Service.Type.CLUSTER_IP,
        List.of(IpAddress.v4(0x0a60_0001 + number)),
        List.of(new ServicePort("", Protocol.TCP, 80, 0, "")),
        Service.Exposure.NONE,
        Service.Traffic.DEFAULT,
        Map.of(),
        Service.Marks.NONE,
        Map.of(),
        number + 1);
  }

  private static EndpointSlice slice(int number, int backends) {
    return new EndpointSlice(
        new ServiceName("default", "service-" + number + "-x"),
        "service-" + number,
        List.of(new EndpointSlice.Port("", Protocol.TCP, 8080)),
        IntStream.range(0, backends)
            .mapToObj(i ->
                new EndpointSlice.Endpoint(
                    List.of(IpAddress.v4(0x0af4_0000 + number * BACKENDS + i)),
                    Conditions.READY,
                    "node-1",
                    "a",
                    Hints.NONE))
            .toList());
  }

  private static Duration cpuTime(Runnable task) {
    var threads = java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    task.run();
    return Duration.ofNanos(threads.getCurrentThreadCpuTime() - before);
  }

  private Changes fill() {
    for (int i = 0; i < SERVICES; i++) {
      services.put(service(i));
      services.put(slice(i, BACKENDS));
    }
    return services.update();
  }

  @Test
  void areDecidedWithinASecond() {
    var changes = new Changes[1];
    var time = cpuTime(() -> changes[0] = fill());
    assertThat(changes[0].frontends()).hasSize(SERVICES);
    assertThat(changes[0].backends()).hasSize(SERVICES);
    assertThat(time).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void aChangeOfOneCostsAsIfItWereAlone() {
    fill();
    var time =
        cpuTime(() -> {
          for (int i = 0; i < 1000; i++) {
            services.put(slice(17, BACKENDS - i % 2));
            assertThat(services.update().frontends().size()).isLessThanOrEqualTo(1);
          }
        });
    assertThat(time).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void oneServiceMayHaveFiveThousandBackends() {
    services.put(service(1));
    services.put(slice(1, 5000));
    services.update();
    var asked = new PortAddress(IpAddress.v4(0x0a60_0002), 80, Protocol.TCP);
    assertThat(services.frontend(asked).orElseThrow().inside().usable()).hasSize(5000);
    var time =
        cpuTime(() -> {
          for (int i = 0; i < 100; i++) {
            services.put(slice(1, 5000 - i % 2));
            services.update();
          }
        });
    assertThat(time)
        .as("a hundred changes, as a flapping backend makes in a second")
        .isLessThan(Duration.ofSeconds(1));
  }
}
