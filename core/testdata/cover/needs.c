/* Each program has a way that only something beside the packet's bytes takes. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 built_with_ports = 0;
__u32 strict;
__u64 quiet = 5000000000;

struct seen {
	__u64 last;
	__u32 state;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct seen);
} hosts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* Nothing is in its slots before user space fills them. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

/* Another value of a constant, before the program is loaded. */
SEC("xdp")
int constant(struct xdp_md *ctx)
{
	return built_with_ports ? XDP_DROP : XDP_PASS;
}

/* Another value of a variable. */
SEC("xdp")
int variable(struct xdp_md *ctx)
{
	return strict == 7 ? XDP_DROP : XDP_PASS;
}

/* Time between two packets. */
SEC("xdp")
int waits(struct xdp_md *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 host = 0;
	struct seen fresh = { now };
	struct seen *seen = bpf_map_lookup_elem(&hosts, &host);

	if (!seen) {
		bpf_map_update_elem(&hosts, &host, &fresh, BPF_ANY);
		return XDP_PASS;
	}
	if (now - seen->last > quiet)
		return XDP_TX;
	return XDP_DROP;
}

/* A state of an entry, then a packet. */
SEC("xdp")
int state(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 host = 0;
	struct seen fresh = { .state = 1 };
	struct seen *seen = bpf_map_lookup_elem(&hosts, &host);

	if (data + 15 > end)
		return XDP_ABORTED;
	if (!seen) {
		bpf_map_update_elem(&hosts, &host, &fresh, BPF_ANY);
		return XDP_PASS;
	}
	if (seen->state == 3 && *(__u8 *)(data + 14) == 0x61)
		return XDP_TX;
	return XDP_DROP;
}

/* A ring buffer without room. */
SEC("tc")
int full(struct __sk_buff *skb)
{
	__u64 *record = bpf_ringbuf_reserve(&events, 504, 0);

	if (!record)
		return TC_ACT_SHOT;
	*record = 0;
	bpf_ringbuf_submit(record, 0);
	return TC_ACT_OK;
}

/* A program in the slot. */
SEC("xdp")
int called(struct xdp_md *ctx)
{
	return ctx->rx_queue_index ? XDP_DROP : XDP_TX;
}

SEC("xdp")
int calls(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, 1);
	return XDP_ABORTED;
}

/* A helper that fails where nobody gets. */
SEC("tc")
int checked(struct __sk_buff *skb)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, 14, &ip, sizeof(ip)))
		return TC_ACT_SHOT;
	if (bpf_skb_load_bytes(skb, 18, &ip, 4))
		return TC_ACT_STOLEN;
	return TC_ACT_OK;
}

/* A check that an earlier one has made already. */
SEC("xdp")
int twice(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 34 > end)
		return XDP_PASS;
	asm volatile("" : "+r"(data));
	if (data + 20 > end)
		return XDP_ABORTED;
	return *(__u8 *)(data + 19) ? XDP_TX : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
