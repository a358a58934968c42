// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import java.util.Optional;

/** What ADD answers, in the form of the version that was asked for. */
final class CniResult {
  private static final int CONTAINER_INTERFACE = 1;
  private static final int SCOPE_LINK = 253;

  private CniResult() {}

  static ObjectNode of(Endpoint endpoint, PodNetwork network, CniVersion version) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("cniVersion", version.text());
    boolean latest = version.atLeast(CniVersion.V1_1_0);
    var interfaces = json.putArray("interfaces");
    var host = interfaces.addObject();
    host.put("name", endpoint.interfaceName());
    host.put("mac", endpoint.nodeMac().toString());
    var container = interfaces.addObject();
    container.put("name", endpoint.containerInterface());
    container.put("mac", endpoint.mac().toString());
    container.put("sandbox", endpoint.namespacePath());
    if (latest) {
      host.put("mtu", network.deviceMtu());
      container.put("mtu", network.deviceMtu());
    }
    var ips = json.putArray("ips");
    var routes = json.putArray("routes");
    for (var address : endpoint.addresses()) {
      Optional<IpAddress> router = address.isV4() ? network.routerIpv4() : network.routerIpv6();
      var ip = ips.addObject();
      if (!version.atLeast(CniVersion.V1_0_0)) {
        ip.put("version", address.isV4() ? "4" : "6");
      }
      ip.put("address", address + "/" + address.bitCount());
      router.ifPresent(r -> ip.put("gateway", r.toString()));
      ip.put("interface", CONTAINER_INTERFACE);
      router.ifPresent(r -> addRoutes(routes, r, network, latest));
    }
    json.putObject("dns");
    return json;
  }

  private static void addRoutes(
      ArrayNode routes, IpAddress router, PodNetwork network, boolean latest) {
    var link = routes.addObject();
    link.put("dst", router + "/" + router.bitCount());
    var all = routes.addObject();
    all.put("dst", router.isV4() ? "0.0.0.0/0" : "::/0");
    all.put("gw", router.toString());
    if (latest) {
      all.put("mtu", network.routeMtu());
      if (router.isV4()) {
        link.put("scope", SCOPE_LINK);
      }
    }
  }
}
