/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Writes numbered samples to a ring buffer: every third one is taken back, lengths differ */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sample {
	__u64 number;
	__u64 check;
};

/* samples; the program writes, the test reads */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} ring SEC(".maps");

__u64 number = 0;
__u64 lost = 0;

SEC("tc")
int send_sample(struct __sk_buff *skb)
{
	struct sample *sample;
	__u64 mine = __sync_fetch_and_add(&number, 1);

	(void)skb;
	if (mine & 1)
		sample = bpf_ringbuf_reserve(&ring, sizeof(*sample) + 5, 0);
	else
		sample = bpf_ringbuf_reserve(&ring, sizeof(*sample), 0);
	if (!sample) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	sample->number = mine;
	sample->check = ~mine;
	if (mine % 3 == 2)
		bpf_ringbuf_discard(sample, 0);
	else
		bpf_ringbuf_submit(sample, 0);
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
