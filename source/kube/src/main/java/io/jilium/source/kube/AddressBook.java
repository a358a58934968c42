// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Which objects claim which addresses. An address may pass from one pod to another before the
 * former's object is gone: of several claims the latest counts, and when it goes, the one before.
 * Thread-safe.
 */
final class AddressBook {
  private record Claim(String object, IpMapping mapping) {}

  private final Consumer<ClusterEvent> events;
  private final Map<String, List<IpAddress>> byObject = new HashMap<>();
  private final Map<IpAddress, Claim> inForce = new HashMap<>();
  private final Map<IpAddress, List<Claim>> overridden = new HashMap<>();

  AddressBook(Consumer<ClusterEvent> events) {
    this.events = events;
  }

  /** The object claims exactly these addresses. */
  synchronized void set(String object, List<IpMapping> mappings) {
    var now = mappings.stream().map(IpMapping::address).toList();
    var before = byObject.getOrDefault(object, List.of());
    if (now.isEmpty()) {
      byObject.remove(object);
    } else {
      byObject.put(object, now);
    }
    mappings.forEach(mapping -> claim(new Claim(object, mapping)));
    before.stream().filter(address -> !now.contains(address)).forEach(a -> drop(object, a));
  }

  private void claim(Claim claim) {
    var address = claim.mapping().address();
    var before = inForce.put(address, claim);
    if (before != null && before.object().equals(claim.object())) {
      if (before.mapping().equals(claim.mapping())) {
        return;
      }
    } else if (before != null) {
      forget(claim.object(), address);
      overridden.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(before);
    }
    events.accept(new ClusterEvent.AddressChanged(claim.mapping()));
  }

  private void drop(String object, IpAddress address) {
    var current = inForce.get(address);
    if (current == null || !current.object().equals(object)) {
      forget(object, address);
      return;
    }
    var others = overridden.get(address);
    if (others == null) {
      inForce.remove(address);
      events.accept(new ClusterEvent.AddressGone(address));
      return;
    }
    var next = others.removeLast();
    if (others.isEmpty()) {
      overridden.remove(address);
    }
    inForce.put(address, next);
    events.accept(new ClusterEvent.AddressChanged(next.mapping()));
  }

  private void forget(String object, IpAddress address) {
    var others = overridden.get(address);
    if (others != null) {
      others.removeIf(claim -> claim.object().equals(object));
      if (others.isEmpty()) {
        overridden.remove(address);
      }
    }
  }

  /** Objects with a claim, in force or not, for that node. */
  synchronized List<String> objectsOf(IpAddress host) {
    return Stream.concat(
            inForce.values().stream(), overridden.values().stream().flatMap(List::stream))
        .filter(claim -> claim.mapping().hostAddress().equals(host))
        .map(Claim::object)
        .distinct()
        .toList();
  }
}
