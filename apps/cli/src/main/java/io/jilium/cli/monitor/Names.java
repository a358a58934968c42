// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import java.util.List;

/** What numbers in packets are called. */
final class Names {
  private static final List<String> UNREACHABLE_4 =
      List.of(
          "Net",
          "Host",
          "Protocol",
          "Port",
          "FragmentationNeeded",
          "SourceRoutingFailed",
          "NetUnknown",
          "HostUnknown",
          "SourceIsolated",
          "NetAdminProhibited",
          "HostAdminProhibited",
          "NetTOS",
          "HostTOS",
          "CommAdminProhibited",
          "HostPrecedence",
          "PrecedenceCutoff");

  private static final List<String> UNREACHABLE_6 =
      List.of(
          "NoRouteToDst",
          "AdminProhibited",
          "BeyondScopeOfSrc",
          "AddressUnreachable",
          "PortUnreachable",
          "SrcAddressFailedPolicy",
          "RejectRouteToDst",
          "SrcRoutingHeader");

  private Names() {}

  /** A port, with the service that usually listens there. */
  static String port(int port) {
    String service =
        switch (port) {
          case 22 -> "ssh";
          case 53 -> "domain";
          case 67 -> "bootps";
          case 68 -> "bootpc";
          case 80 -> "http";
          case 123 -> "ntp";
          case 179 -> "bgp";
          case 443 -> "https";
          case 2379 -> "etcd-client";
          case 2380 -> "etcd-server";
          case 5201 -> "targus-getdata1";
          case 6081 -> "geneve";
          case 6443 -> "sun-sr-https";
          case 8080 -> "http-alt";
          case 8472 -> "otv";
          default -> "";
        };
    return service.isEmpty() ? Integer.toString(port) : port + "(" + service + ")";
  }

  static String icmp4(int type, int code) {
    return switch (type) {
      case 0 -> "EchoReply";
      case 3 -> "DestinationUnreachable(" + name(UNREACHABLE_4, code) + ")";
      case 4 -> "SourceQuench";
      case 5 -> "Redirect(" + code + ")";
      case 8 -> "EchoRequest";
      case 9 -> "RouterAdvertisement";
      case 10 -> "RouterSolicitation";
      case 11 ->
          "TimeExceeded(" + (code == 0 ? "TTLExceeded" : "FragmentReassemblyTimeExceeded") + ")";
      case 12 -> "ParameterProblem(" + code + ")";
      case 13 -> "TimestampRequest";
      case 14 -> "TimestampReply";
      default -> type + "(" + code + ")";
    };
  }

  static String icmp6(int type, int code) {
    return switch (type) {
      case 1 -> "DestinationUnreachable(" + name(UNREACHABLE_6, code) + ")";
      case 2 -> "PacketTooBig";
      case 3 ->
          "TimeExceeded("
              + (code == 0 ? "HopLimitExceeded" : "FragmentReassemblyTimeExceeded")
              + ")";
      case 4 -> "ParameterProblem(" + code + ")";
      case 128 -> "EchoRequest";
      case 129 -> "EchoReply";
      case 130 -> "MLDv1MulticastListenerQueryMessage";
      case 131 -> "MLDv1MulticastListenerReportMessage";
      case 132 -> "MLDv1MulticastListenerDoneMessage";
      case 133 -> "RouterSolicitation";
      case 134 -> "RouterAdvertisement";
      case 135 -> "NeighborSolicitation";
      case 136 -> "NeighborAdvertisement";
      case 137 -> "Redirect";
      case 143 -> "MLDv2MulticastListenerReportMessageV2";
      default -> type + "(" + code + ")";
    };
  }

  private static String name(List<String> names, int code) {
    return code < names.size() ? names.get(code) : Integer.toString(code);
  }
}
