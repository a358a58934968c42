// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

/**
 * The lab's address plan. Nodes sit on one underlay, 172.30.0.0/16 and fd00:172:30::/64;
 * 198.51.100.1 (RFC 5737) and 2001:db8:51::1 (RFC 3849) play the world behind the host `outside`.
 */
final class Addresses {
  static final String ETCD_IPV4 = "172.30.255.1";
  static final String OUTSIDE_IPV4 = "172.30.255.254";
  static final String WORLD_IPV4 = "198.51.100.1";
  static final String ETCD_IPV6 = "fd00:172:30::ff01";
  static final String OUTSIDE_IPV6 = "fd00:172:30::fffe";
  static final String WORLD_IPV6 = "2001:db8:51::1";
  static final int UNDERLAY_IPV4_LENGTH = 16;
  static final int UNDERLAY_IPV6_LENGTH = 64;
  static final int ETCD_PORT = 2379;
  static final int MAX_NODES = 250;

  private Addresses() {}

  static String etcdUrl() {
    return "http://" + ETCD_IPV4 + ":" + ETCD_PORT;
  }

  /**
   * @param number 1 for node-1
   */
  static String nodeIpv4(int number) {
    return "172.30.0." + number;
  }

  /**
   * @param number 1 for node-1
   */
  static String nodeIpv6(int number) {
    return "fd00:172:30::" + Integer.toHexString(number);
  }
}
