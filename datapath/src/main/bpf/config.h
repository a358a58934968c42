/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Settings of a node. The agent writes them before load; the verifier then sees constants and drops what is switched off. */
#pragma once
#include <bpf/bpf_endian.h>
#include "abi/address.h"

const volatile __be32 cfg_router_ipv4; /* address of cilium_host: sender of ICMP errors */
const volatile union address cfg_router_ipv6;
const volatile __u32 cfg_host_ifindex; /* cilium_host */
const volatile __u32 cfg_net_ifindex; /* cilium_net, its peer */
const volatile __u32 cfg_overlay_ifindex; /* cilium_vxlan; 0: none */
const volatile __u8 cfg_tunnel; /* 1: pods of other nodes are reached by VXLAN; 0: native routing */
const volatile __be16 cfg_tunnel_port = bpf_htons(8472);
const volatile __be32 cfg_node_ipv4; /* this node's end of the tunnel */
const volatile union address cfg_node_ipv6;
const volatile __u8 cfg_masquerade_ipv4;
const volatile __u8 cfg_masquerade_ipv6;
const volatile __be32 cfg_native_cidr_ipv4; /* never masqueraded towards; mask 0: none */
const volatile __be32 cfg_native_mask_ipv4;
const volatile union address cfg_native_cidr_ipv6;
const volatile union address cfg_native_mask_ipv6;
const volatile __u16 cfg_pod_mtu = 1450; /* L3 bytes of a pod's packet that fit the underlay, encapsulation allowed for */
const volatile __u32 cfg_revalidate = 1000; /* jiffies that a forwarding decision is good for */
const volatile __u16 cfg_capture = 128; /* bytes of a packet in an event; EVENT_CAPTURE at most */
const volatile __u16 cfg_nat_port_min = 32768;
const volatile __u16 cfg_nat_port_max = 65535;
const volatile __u8 cfg_enable_ipv4 = 1;
const volatile __u8 cfg_enable_ipv6 = 1;
const volatile __u8 cfg_source_check = 1; /* a pod sends from its own addresses only */
const volatile __u8 cfg_services; /* packets for services are balanced here */
const volatile __u8 cfg_direct_tcp; /* connections from outside are answered by the server's node itself: see dsr.h */
const volatile __u8 cfg_direct_udp; /* and datagrams */
const volatile __u8 cfg_direct_wrapped; /* packets that say so travel in a header of their own */
const volatile __u8 cfg_stack; /* the node's stack forwards what is not for a pod, and its netfilter may translate it: see conntrack.h */
