// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the programs of a node are loaded with. Another configuration means loading them anew, with
 * the same maps.
 *
 * @param podMtu L3 bytes of a pod's packet that fit the underlay, encapsulation allowed for
 * @param revalidateJiffies how long a forwarding decision is good for
 * @param captureBytes of a packet in an event, 128 at most
 * @param sourceCheck a pod sends from its own addresses only
 * @param stackForwards the node's stack forwards what is not for a pod, and its netfilter may
 *     translate it, as kube-proxy's rules do
 * @param services how packets for services are balanced
 */
public record DatapathConfig(
    Addresses addresses,
    Devices devices,
    Tunnel tunnel,
    Masquerade masquerade,
    boolean enableIpv4,
    boolean enableIpv6,
    int podMtu,
    int revalidateJiffies,
    int captureBytes,
    boolean sourceCheck,
    boolean stackForwards,
    Services services,
    MapSizes sizes) {
  private static final int ADDRESS_BYTES = 16;

  /** One whose programs forward by themselves whatever they can, and know no services. */
  public DatapathConfig(
      Addresses addresses,
      Devices devices,
      Tunnel tunnel,
      Masquerade masquerade,
      boolean enableIpv4,
      boolean enableIpv6,
      int podMtu,
      int revalidateJiffies,
      int captureBytes,
      boolean sourceCheck,
      MapSizes sizes) {
    this(
        addresses,
        devices,
        tunnel,
        masquerade,
        enableIpv4,
        enableIpv6,
        podMtu,
        revalidateJiffies,
        captureBytes,
        sourceCheck,
        false,
        Services.NONE,
        sizes);
  }

  /** The same with services. */
  public DatapathConfig withServices(ServiceSizes serviceSizes) {
    return with(
        stackForwards, new Services(true, DirectReturn.NONE, Dispatch.OPTION, serviceSizes));
  }

  /** The same with services whose servers answer clients from outside themselves. */
  public DatapathConfig withDirectReturn(DirectReturn direct, Dispatch dispatch) {
    return with(
        stackForwards, new Services(services.perPacket(), direct, dispatch, services.sizes()));
  }

  /** The same beside netfilter rules that want to see what is not between pods. */
  public DatapathConfig withStackForwarding(boolean on) {
    return with(on, services);
  }

  private DatapathConfig with(boolean stack, Services served) {
    return new DatapathConfig(
        addresses,
        devices,
        tunnel,
        masquerade,
        enableIpv4,
        enableIpv6,
        podMtu,
        revalidateJiffies,
        captureBytes,
        sourceCheck,
        stack,
        served,
        sizes);
  }

  /** Refuses what the programs could not work with. */
  public DatapathConfig {
    if (captureBytes < 0 || captureBytes > EventLayout.CAPTURE) {
      throw new IllegalArgumentException(
          "captureBytes " + captureBytes + " is not from 0 to " + EventLayout.CAPTURE);
    }
    if (podMtu < 68 || podMtu > 0xFFFF) {
      throw new IllegalArgumentException("podMtu " + podMtu + " is not from 68 to 65535");
    }
    if ((enableIpv4 && addresses.routerIpv4().isEmpty())
        || (enableIpv6 && addresses.routerIpv6().isEmpty())) {
      throw new IllegalArgumentException("an enabled address family has no router address");
    }
    if (services.direct() != DirectReturn.NONE && tunnel.enabled()) {
      throw new IllegalArgumentException("direct server return by tunnel");
    }
  }

  /** The node's addresses: of cilium_host, and of the underlay (the tunnel's outer source). */
  public record Addresses(
      Optional<IpAddress> routerIpv4,
      Optional<IpAddress> routerIpv6,
      Optional<IpAddress> nodeIpv4,
      Optional<IpAddress> nodeIpv6) {}

  /** Indexes of cilium_host, its peer cilium_net, and cilium_vxlan (0: none). */
  public record Devices(int host, int net, int overlay) {}

  /** Whether pods of other nodes are reached by VXLAN, and its UDP port. */
  public record Tunnel(boolean enabled, int port) {
    /** VXLAN on Cilium's port. */
    public static final Tunnel VXLAN = new Tunnel(true, 8472);

    /** Native routing. */
    public static final Tunnel NONE = new Tunnel(false, 8472);

    public Tunnel {
      requirePort(port);
    }
  }

  /**
   * What pods' traffic to the world is translated to: never towards the native prefixes.
   *
   * @param portMin first port that a translated connection may get
   */
  public record Masquerade(
      boolean ipv4,
      boolean ipv6,
      Optional<IpPrefix> nativeIpv4,
      Optional<IpPrefix> nativeIpv6,
      int portMin,
      int portMax) {
    /** No translation. */
    public static final Masquerade NONE =
        new Masquerade(false, false, Optional.empty(), Optional.empty(), 32768, 65535);

    public Masquerade {
      requirePort(portMin);
      requirePort(portMax);
      if (portMin > portMax) {
        throw new IllegalArgumentException("NAT ports from " + portMin + " to " + portMax);
      }
    }
  }

  /**
   * Services.
   *
   * @param perPacket packets are balanced that sockets have not translated
   * @param direct which connections from outside are answered by the server's node itself; needs
   *     native routing
   * @param dispatch how the server's node is told of the service then
   * @param sizes of their maps, which are those of {@link ServiceConfig}
   */
  public record Services(
      boolean perPacket, DirectReturn direct, Dispatch dispatch, ServiceSizes sizes) {
    /** No services: maps that hold next to nothing. */
    public static final Services NONE =
        new Services(false, DirectReturn.NONE, Dispatch.OPTION, ServiceSizes.of(1, 1));
  }

  /** Protocols with direct server return. */
  public enum DirectReturn {
    /** Answers come back by the node that the client asked. */
    NONE,
    TCP,
    /** Datagrams too. */
    TCP_AND_UDP
  }

  /** How a server's node is told which service its client asked for. */
  public enum Dispatch {
    /** In an option of the packet's IP header. */
    OPTION,
    /** In the same option, in a packet that travels in another one. */
    IP_IN_IP
  }

  private static void requirePort(int port) {
    if (port < 1 || port > 0xFFFF) {
      throw new IllegalArgumentException("port " + port + " is not from 1 to 65535");
    }
  }

  /** Each setting by the name of its variable, as it lies in memory. */
  Map<String, byte[]> variables() {
    var all = new LinkedHashMap<String, byte[]>();
    all.put("cfg_router_ipv4", ipv4(addresses.routerIpv4()));
    all.put("cfg_router_ipv6", ipv6(addresses.routerIpv6()));
    all.put("cfg_host_ifindex", u32(devices.host()));
    all.put("cfg_net_ifindex", u32(devices.net()));
    all.put("cfg_overlay_ifindex", u32(devices.overlay()));
    all.put("cfg_tunnel", u8(tunnel.enabled()));
    all.put("cfg_tunnel_port", be16(tunnel.port()));
    all.put("cfg_node_ipv4", ipv4(addresses.nodeIpv4()));
    all.put("cfg_node_ipv6", ipv6(addresses.nodeIpv6()));
    all.put("cfg_masquerade_ipv4", u8(masquerade.ipv4()));
    all.put("cfg_masquerade_ipv6", u8(masquerade.ipv6()));
    all.put("cfg_native_cidr_ipv4", ipv4(masquerade.nativeIpv4().map(IpPrefix::address)));
    all.put("cfg_native_mask_ipv4", ipv4(masquerade.nativeIpv4().map(IpPrefix::mask)));
    all.put("cfg_native_cidr_ipv6", ipv6(masquerade.nativeIpv6().map(IpPrefix::address)));
    all.put("cfg_native_mask_ipv6", ipv6(masquerade.nativeIpv6().map(IpPrefix::mask)));
    all.put("cfg_pod_mtu", u16(podMtu));
    all.put("cfg_revalidate", u32(revalidateJiffies));
    all.put("cfg_capture", u16(captureBytes));
    all.put("cfg_nat_port_min", u16(masquerade.portMin()));
    all.put("cfg_nat_port_max", u16(masquerade.portMax()));
    all.put("cfg_enable_ipv4", u8(enableIpv4));
    all.put("cfg_enable_ipv6", u8(enableIpv6));
    all.put("cfg_source_check", u8(sourceCheck));
    all.put("cfg_stack", u8(stackForwards));
    all.put("cfg_services", u8(services.perPacket()));
    all.put("cfg_direct_tcp", u8(services.direct() != DirectReturn.NONE));
    all.put("cfg_direct_udp", u8(services.direct() == DirectReturn.TCP_AND_UDP));
    all.put("cfg_direct_wrapped", u8(services.dispatch() == Dispatch.IP_IN_IP));
    all.put("svc_maglev_size", u32(services.sizes().maglevEntries()));
    return all;
  }

  private static byte[] u8(boolean value) {
    return new byte[] {(byte) (value ? 1 : 0)};
  }

  private static byte[] u16(int value) {
    return ByteBuffer.allocate(2).order(ByteOrder.nativeOrder()).putShort((short) value).array();
  }

  private static byte[] u32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  private static byte[] be16(int value) {
    return ByteBuffer.allocate(2).putShort((short) value).array();
  }

  private static byte[] ipv4(Optional<IpAddress> address) {
    return address.map(IpAddress::bytes).orElseGet(() -> new byte[4]);
  }

  private static byte[] ipv6(Optional<IpAddress> address) {
    return address.map(IpAddress::mappedBytes).orElseGet(() -> new byte[ADDRESS_BYTES]);
  }
}
