// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which service has which cluster address and node port. Ranges are those of the lab's plan and of
 * Kubernetes; the lower part of each is left to whoever chooses a number.
 */
final class ServiceAddresses {
  /** First node port. */
  static final int FIRST_PORT = 30000;

  /** Last node port. */
  static final int LAST_PORT = 32767;

  private static final int FIRST_GIVEN_PORT = 30086;
  private static final int GIVEN = 256;
  private static final Range V4 = new Range("10.96.0.0", 16);
  private static final Range V6 = new Range("fd00:10:96::", 112);

  private final Map<InetAddress, String> addresses = new HashMap<>();
  private final Map<String, String> ports = new HashMap<>();
  private final Map<String, List<Object>> owned = new HashMap<>();
  private int nextV4 = GIVEN;
  private int nextV6 = GIVEN;

  private record Range(String first, int length) {
    InetAddress get(int index) {
      var base = InetAddress.ofLiteral(first).getAddress();
      var bytes = new BigInteger(1, base).add(BigInteger.valueOf(index)).toByteArray();
      var all = new byte[base.length];
      int count = Math.min(bytes.length, all.length);
      System.arraycopy(bytes, bytes.length - count, all, all.length - count, count);
      try {
        return InetAddress.getByAddress(all);
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }

    boolean contains(InetAddress address) {
      var base = InetAddress.ofLiteral(first).getAddress();
      var other = address.getAddress();
      if (other.length != base.length) {
        return false;
      }
      int shift = base.length * 8 - length;
      return new BigInteger(1, base)
          .shiftRight(shift)
          .equals(new BigInteger(1, other).shiftRight(shift));
    }

    @Override
    public String toString() {
      return first + "/" + length;
    }
  }

  static boolean inRange(InetAddress address) {
    return V4.contains(address) || V6.contains(address);
  }

  static String ranges() {
    return V4 + " or " + V6;
  }

  Optional<String> owner(InetAddress address) {
    return Optional.ofNullable(addresses.get(address));
  }

  Optional<String> owner(String protocol, int port) {
    return Optional.ofNullable(ports.get(protocol + port));
  }

  /** An address that nobody has, as text. */
  String freeAddress(boolean v4) {
    int index = v4 ? nextV4 : nextV6;
    while (addresses.containsKey((v4 ? V4 : V6).get(index))) {
      index++;
    }
    if (index >= 0xffff) {
      throw new LabException("no address of %s is free: delete services".formatted(v4 ? V4 : V6));
    }
    if (v4) {
      nextV4 = index;
    } else {
      nextV6 = index;
    }
    return (v4 ? V4 : V6).get(index).getHostAddress();
  }

  /** A node port that nobody has. */
  int freePort(String protocol) {
    for (int port = FIRST_GIVEN_PORT; port <= LAST_PORT; port++) {
      if (!ports.containsKey(protocol + port)) {
        return port;
      }
    }
    for (int port = FIRST_PORT; port < FIRST_GIVEN_PORT; port++) {
      if (!ports.containsKey(protocol + port)) {
        return port;
      }
    }
    throw new LabException("no node port is free: delete services");
  }

  void take(String owner, String protocol, int port) {
    ports.put(protocol + port, owner);
    owned.computeIfAbsent(owner, _ -> new ArrayList<>()).add(protocol + port);
  }

  /** Notes what a complete Service has. */
  void take(String owner, Section service) {
    var spec = service.section("spec");
    for (var ip : spec.texts("clusterIPs")) {
      if (!ip.equals("None")) {
        var address = InetAddress.ofLiteral(ip);
        addresses.put(address, owner);
        owned.computeIfAbsent(owner, _ -> new ArrayList<>()).add(address);
      }
    }
    for (var port : spec.sections("ports")) {
      int number = port.number("nodePort", 0, 65535).orElse(0); // 0 is none, as in Kubernetes
      if (number != 0) {
        take(owner, port.text("protocol").orElse("TCP"), number);
      }
    }
    spec.number("healthCheckNodePort", 1, 65535).ifPresent(number -> take(owner, "TCP", number));
  }

  /** Gives back all that a service has. */
  void forget(String owner) {
    var had = owned.remove(owner);
    if (had != null) {
      had.forEach(item -> {
        if (item instanceof InetAddress address) {
          addresses.remove(address, owner);
        } else {
          ports.remove(item, owner);
        }
      });
    }
  }
}
