// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class NetlinkSocketTest extends NamespaceTest {
  private static final int ROUTES = 1500;

  @Test
  void dumpIsWholeWhileOthersChangeTheTable() throws Exception {
    int device = device("d0");
    var stable = new HashSet<Route>();
    for (int i = 0; i < ROUTES; i++) {
      stable.add(route(device, "10.%d.%d.0/24".formatted(i / 250, i % 250)));
    }
    kernel.apply(stable.stream().map(Routes::add).toList());
    var stop = new AtomicBoolean();
    var flapping = route(device, "10.200.0.0/24");
    try (var executor = Executors.newSingleThreadExecutor();
        var other = NetlinkSocket.open(netns)) {
      var changes =
          executor.submit(() -> {
            while (!stop.get()) {
              other.apply(Routes.add(flapping));
              other.apply(Routes.delete(flapping));
              // Pauses let a dump of several datagrams come through uninterrupted now and then.
              Thread.sleep(1);
            }
            return true;
          });
      try {
        for (int i = 0; i < 20; i++) {
          var missing = new HashSet<>(stable);
          missing.removeAll(new HashSet<>(kernel.list(Routes.table(Family.IPV4, 1000))));
          assertThat(missing).isEmpty();
        }
      } finally {
        stop.set(true);
        assertThat(changes.get()).isTrue();
      }
    }
  }

  @Test
  void oneSocketServesManyThreads() throws Exception {
    int device = device("d0");
    var results = new ArrayList<Future<Boolean>>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        var route = route(device, "10.1.%d.0/24".formatted(i));
        results.add(
            executor.submit(() ->
                kernel.apply(Routes.add(route))
                    && kernel.list(Routes.table(Family.IPV4, 1000)).contains(route)
                    && kernel.find(Links.byIndex(device)).isPresent()));
      }
    }
    for (var result : results) {
      assertThat(result.get()).isTrue();
    }
  }

  private static Route route(int device, String destination) {
    return Route.to(Prefix.parse(destination)).device(device).table(1000);
  }
}
