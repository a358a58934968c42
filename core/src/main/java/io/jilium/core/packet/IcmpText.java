// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import java.util.List;

/** Types and codes of ICMP in gopacket's words. */
final class IcmpText {
  private static final List<String> UNREACHABLE_V4 =
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
  private static final List<String> UNREACHABLE_V6 =
      List.of(
          "NoRouteToDst",
          "AdminProhibited",
          "BeyondScopeOfSrc",
          "AddressUnreachable",
          "PortUnreachable",
          "SrcAddressFailedPolicy",
          "RejectRouteToDst");

  private IcmpText() {}

  static String v4(int type, int code) {
    return switch (type) {
      case 0 -> "EchoReply";
      case 3 -> "DestinationUnreachable" + code(UNREACHABLE_V4, code);
      case 4 -> "SourceQuench";
      case 5 -> "Redirect" + code(List.of("Network", "Host", "TOS+Net", "TOS+Host"), code);
      case 8 -> "EchoRequest";
      case 11 -> "TimeExceeded" + code(List.of("TTLExceeded", "FragmentReassembly"), code);
      case 12 -> "ParameterProblem" + code(List.of("Pointer", "MissingOption", "Length"), code);
      default -> type + "(" + code + ")";
    };
  }

  static String v6(int type, int code) {
    return switch (type) {
      case 1 -> "DestinationUnreachable" + code(UNREACHABLE_V6, code);
      case 2 -> "PacketTooBig";
      case 3 -> "TimeExceeded" + code(List.of("HopLimitExceeded", "FragmentReassembly"), code);
      case 4 ->
          "ParameterProblem"
              + code(
                  List.of("ErroneousHeader", "UnrecognizedNextHeader", "UnrecognizedOption"), code);
      case 128 -> "EchoRequest";
      case 129 -> "EchoReply";
      case 130 -> "MulticastListenerQueryMessage";
      case 131 -> "MulticastListenerReportMessage";
      case 133 -> "RouterSolicitation";
      case 134 -> "RouterAdvertisement";
      case 135 -> "NeighborSolicitation";
      case 136 -> "NeighborAdvertisement";
      case 137 -> "Redirect";
      case 143 -> "MLDv2MulticastListenerReportMessageV2";
      default -> type + "(" + code + ")";
    };
  }

  private static String code(List<String> names, int code) {
    return "(" + (code < names.size() ? names.get(code) : Integer.toString(code)) + ")";
  }
}
