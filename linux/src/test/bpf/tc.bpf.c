/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Programs that tests attach to tc, XDP and cgroup hooks, or run on packets of their own */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct address {
	__u8 bytes[16];
};

const volatile __u8 cfg_u8 = 1;
const volatile __u16 cfg_u16 = 2;
const volatile __u32 cfg_u32 = 3;
const volatile __u64 cfg_u64 = 4;
const volatile struct address cfg_address = {};

/* program number -> packets seen; programs write, tests read through a mapping */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

/* anything; tests set its size and reuse it */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

static __always_inline void count(__u32 program)
{
	__u64 *packets = bpf_map_lookup_elem(&seen, &program);

	if (packets)
		__sync_fetch_and_add(packets, 1);
}

SEC("tc")
int count_first(struct __sk_buff *skb)
{
	(void)skb;
	count(0);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int count_second(struct __sk_buff *skb)
{
	(void)skb;
	count(1);
	return TC_ACT_UNSPEC;
}

/* A foreign program, as tests see it */
SEC("tc")
int count_foreign(struct __sk_buff *skb)
{
	(void)skb;
	count(2);
	return TC_ACT_UNSPEC;
}

/* Returns the sum of all settings and of a table entry */
SEC("tc")
int sum_settings(struct __sk_buff *skb)
{
	__u32 key = 7;
	__u64 *value = bpf_map_lookup_elem(&table, &key);

	(void)skb;
	return cfg_u8 + cfg_u16 + cfg_u32 + (__u32)cfg_u64 + cfg_address.bytes[15] + (value ? (int)*value : 0);
}

/* Returns the device, raises the mark and turns the first byte around */
SEC("tc")
int touch(struct __sk_buff *skb)
{
	__u8 first;

	skb->mark += 1;
	if (bpf_skb_load_bytes(skb, 0, &first, 1))
		return -1;
	first = ~first;
	bpf_skb_store_bytes(skb, 0, &first, 1, 0);
	return (int)skb->ifindex;
}

SEC("xdp")
int xdp_count(struct xdp_md *xdp)
{
	(void)xdp;
	count(3);
	return XDP_PASS;
}

SEC("cgroup/connect4")
int refuse_connect(struct bpf_sock_addr *address)
{
	(void)address;
	return 0;
}

SEC("cgroup/connect4")
int allow_connect(struct bpf_sock_addr *address)
{
	(void)address;
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
