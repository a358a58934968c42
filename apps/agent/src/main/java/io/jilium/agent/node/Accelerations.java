// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.settings.ServiceSettings.Acceleration;
import io.jilium.datapath.AccelerationException;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.Hook;
import io.jilium.datapath.XdpMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which underlay devices send packets on before the stack sees them: {@code
 * loadBalancer.acceleration}.
 */
final class Accelerations {
  private static final Logger LOG = LoggerFactory.getLogger(Accelerations.class);

  /** Index of each device that this process attached to. */
  private final Map<String, Integer> attached = new ConcurrentHashMap<>();

  private final Map<String, String> refused = new ConcurrentHashMap<>();

  /** Makes the device what is wanted: why it cannot be, or empty. */
  Optional<String> ensure(Datapath datapath, Acceleration wanted, String device, int ifindex) {
    if (wanted == Acceleration.DISABLED) {
      forget(device);
      if (datapath.decelerate(device)) {
        LOG.info("{} is not accelerated any more", device);
      }
      return Optional.empty();
    }
    if (Integer.valueOf(ifindex).equals(attached.get(device))
        && datapath.isAttached(Hook.XDP_NETDEV, device, ifindex)) {
      return Optional.empty();
    }
    try {
      datapath.accelerate(device, ifindex, mode(wanted));
      attached.put(device, ifindex);
      refused.remove(device);
      LOG.info("{} is accelerated ({})", device, wanted.text());
      return Optional.empty();
    } catch (AccelerationException e) {
      var reason = String.valueOf(e.getMessage());
      attached.remove(device);
      if (!reason.equals(refused.put(device, reason))) {
        LOG.warn(reason);
      }
      return Optional.of(reason);
    }
  }

  private static XdpMode mode(Acceleration wanted) {
    return wanted == Acceleration.TESTING_ONLY ? XdpMode.GENERIC : XdpMode.NATIVE;
  }

  boolean isAttached(String device) {
    return attached.containsKey(device);
  }

  void forget(String device) {
    attached.remove(device);
    refused.remove(device);
  }

  /** Forgets devices that are not named. */
  void retain(Set<String> devices) {
    attached.keySet().retainAll(devices);
    refused.keySet().retainAll(devices);
  }

  /** Why devices are not accelerated, by device. */
  List<String> problems() {
    return List.copyOf(new TreeMap<>(refused).values());
  }
}
