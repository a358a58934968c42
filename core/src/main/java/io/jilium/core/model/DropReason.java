// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/**
 * Why a packet was dropped: Cilium's numbers and texts. Twin of {@code enum verdict} in
 * abi/verdict.h.
 */
public enum DropReason {
  INVALID_SOURCE_IP(132, "Invalid source ip"),
  POLICY_DENIED(133, "Policy denied"),
  INVALID_PACKET(134, "Invalid packet"),
  CT_INVALID_HEADER(135, "CT: Truncated or invalid header"),
  FRAGMENTATION_NEEDED(136, "Fragmentation needed"),
  CT_UNKNOWN_PROTOCOL(137, "CT: Unknown L4 protocol"),
  UNSUPPORTED_L3(139, "Unsupported L3 protocol"),
  MISSED_TAIL_CALL(140, "Missed tail call"),
  WRITE_ERROR(141, "Error writing to packet"),
  UNKNOWN_L4(142, "Unknown L4 protocol"),
  UNKNOWN_ICMP4_CODE(143, "Unknown ICMPv4 code"),
  UNKNOWN_ICMP4_TYPE(144, "Unknown ICMPv4 type"),
  UNKNOWN_ICMP6_CODE(145, "Unknown ICMPv6 code"),
  UNKNOWN_ICMP6_TYPE(146, "Unknown ICMPv6 type"),
  NO_TUNNEL_KEY(147, "Error retrieving tunnel key"),
  UNKNOWN_TARGET(150, "Unknown L3 target address"),
  UNROUTABLE(151, "Stale or unroutable IP"),
  CT_INSERT_FAILED(155, "CT: Map insertion failed"),
  INVALID_EXTENSION_HEADER(156, "Invalid IPv6 extension header"),
  FRAGMENT_UNSUPPORTED(157, "IP fragmentation not supported"),
  NO_SERVICE(158, "Service backend not found"),
  NO_TUNNEL_ENDPOINT(160, "No tunnel/encapsulation endpoint (datapath BUG!)"),
  UNSUPPORTED_L2(166, "Unsupported L2 protocol"),
  NAT_NO_MAPPING(167, "No mapping for NAT masquerade"),
  NAT_UNSUPPORTED_PROTOCOL(168, "Unsupported protocol for NAT masquerade"),
  NO_FIB(169, "FIB lookup failed"),
  ENCAPSULATION_PROHIBITED(170, "Encapsulation traffic is prohibited"),
  INVALID_IDENTITY(171, "Invalid identity"),
  UNKNOWN_SENDER(172, "Unknown sender"),
  IS_CLUSTER_IP(174, "Is a ClusterIP"),
  FRAGMENT_NOT_FOUND(175, "First logical datagram fragment not found"),
  FORBIDDEN_ICMP6(176, "Forbidden ICMPv6 message"),
  NOT_IN_SOURCE_RANGE(177, "Denied by LB src range check"),
  DENIED_BY_POLICY(181, "Policy denied by denylist"),
  TTL_EXCEEDED(196, "TTL exceeded"),
  HOST_NOT_READY(202, "Host datapath not ready");

  private static final DropReason[] BY_NUMBER = new DropReason[256];

  static {
    for (DropReason reason : values()) {
      BY_NUMBER[reason.number] = reason;
    }
  }

  private final int number;
  private final String text;

  DropReason(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The reason with this number. */
  public static Optional<DropReason> of(int number) {
    return number >= 0 && number < BY_NUMBER.length
        ? Optional.ofNullable(BY_NUMBER[number])
        : Optional.empty();
  }

  /** The text of a number from the kernel, the number itself when it is not known. */
  public static String text(int number) {
    return of(number).map(DropReason::text).orElseGet(() -> Integer.toString(number));
  }

  /** The number in events and counters. */
  public int number() {
    return number;
  }

  /** What people read. */
  public String text() {
    return text;
  }
}
