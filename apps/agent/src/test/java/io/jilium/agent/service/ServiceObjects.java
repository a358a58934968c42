// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.EndpointSlice.Conditions;
import io.jilium.core.model.EndpointSlice.Hints;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import io.jilium.core.service.Algorithm;
import io.jilium.core.service.NodeFacts;
import io.jilium.core.service.ServiceOptions;
import io.jilium.core.service.Services;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Services and slices by number, for tests of what the kernel is given of them. */
final class ServiceObjects {
  private static final ServiceOptions OPTIONS =
      new ServiceOptions("", Algorithm.MAGLEV, true, false);

  private ServiceObjects() {}

  static Services services() {
    return new Services(OPTIONS, new NodeFacts("node-1", "", Set.of()));
  }

  static ServiceName name(String name) {
    return new ServiceName("default", name);
  }

  static Service clusterIp(int number, Protocol protocol) {
    return new Service(
        name("s" + number),
        Service.Type.CLUSTER_IP,
        List.of(IpAddress.v4(0x0a60_0001 + number)),
        List.of(new ServicePort("", protocol, 80, 0, "")),
        Service.Exposure.NONE,
        Service.Traffic.DEFAULT,
        Map.of(),
        Service.Marks.NONE,
        Map.of(),
        number + 1);
  }

  static EndpointSlice slice(int number, int first, int count, Protocol protocol) {
    var endpoints = new ArrayList<EndpointSlice.Endpoint>();
    for (int i = first; i < first + count; i++) {
      endpoints.add(
          new EndpointSlice.Endpoint(
              List.of(IpAddress.v4(0x0af4_0000 + i)), Conditions.READY, "node-1", "", Hints.NONE));
    }
    return new EndpointSlice(
        name("slice" + number),
        "s" + number,
        List.of(new EndpointSlice.Port("", protocol, 8080)),
        endpoints);
  }
}
