/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Maps of services, pinned by the agent, which also sets their sizes before load. */
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "abi/service.h"

/* Address and port -> service. The agent writes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct frontend_key);
	__type(value, struct frontend_entry);
} frontends SEC(".maps");

/* Backend sets, one behind the other. The agent writes through mapped memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 524288);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct backend_slot);
} backend_slots SEC(".maps");

/* Backend id -> where it is. The agent writes through mapped memory; programs count. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct backend_entry);
} backends SEC(".maps");

/* First slot of a set -> positions in the set, __u16 each. The agent writes, and sets the size of the value. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 16381 * sizeof(__u16));
} maglev SEC(".maps");

/* Set and backend -> 1. The agent writes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct member_key);
	__type(value, __u32);
} members SEC(".maps");

/* Client and service -> the backend that it keeps. Programs write. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct affinity_key);
	__type(value, struct affinity_entry);
} affinity SEC(".maps");

/* Service and prefix of a source -> 1. The agent writes. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct range_key);
	__type(value, __u32);
} source_ranges SEC(".maps");

/* Address of a node -> enum node_address_flag. The agent writes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct node_address_key);
	__type(value, __u32);
} node_addresses SEC(".maps");

/* What UDP sockets talk to through services. Programs write; the agent removes what is cut. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct socket_flow_key);
	__type(value, struct socket_flow_entry);
} socket_flows SEC(".maps");

/* Connected TCP socket -> its service. Programs write. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_peer);
} socket_peers SEC(".maps");
