// Finds port scanners: each source has a set of the ports it asked for, and every few SYNs bpf_for_each_map_elem goes
// through all sources, blocks those that asked for many ports, and forgets the quiet ones.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct source {
	__u64 ports; /* a set of 64, by hash */
	__u32 syns;
	__u32 blocked;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __be32);
	__type(value, struct source);
} sources SEC(".maps");

const volatile __u32 review_every = 5;
const volatile __u32 ports_allowed = 3;
__u32 syns, reviews, looked_at, forgotten;

struct review {
	__u32 blocked;
	__u32 most;
	__be32 worst;
};

struct review last_review;

static __u32 count_bits(__u64 set)
{
	__u32 bits = 0;

	for (int i = 0; i < 64; i++)
		bits += set >> i & 1;
	return bits;
}

static long look_at(void *map, __be32 *address, struct source *source, struct review *review)
{
	__u32 ports = count_bits(source->ports);

	looked_at += 1;
	if (ports > review->most) {
		review->most = ports;
		review->worst = *address;
	}
	if (ports > ports_allowed) {
		source->blocked = 1;
		review->blocked += 1;
	} else if (source->syns == 1) {
		bpf_map_delete_elem(map, address);
		forgotten += 1;
	}
	return 0;
}

static __noinline void note(__be32 address, __u32 port)
{
	struct source first = { .syns = 0 }, *source;

	bpf_map_update_elem(&sources, &address, &first, BPF_NOEXIST);
	source = bpf_map_lookup_elem(&sources, &address);
	if (!source)
		return;
	source->syns += 1;
	source->ports |= 1ull << (port * 0x9e3779b1u >> 26);
}

SEC("xdp")
int watch(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;
	if (ip->protocol != IPPROTO_TCP || !tcp->syn || tcp->ack)
		return XDP_PASS;

	__be32 address = ip->saddr;
	struct source *source = bpf_map_lookup_elem(&sources, &address);
	if (source && source->blocked)
		return XDP_DROP;

	note(address, bpf_ntohs(tcp->dest));
	syns += 1;
	if (syns % review_every == 0) {
		struct review review = {};

		reviews += 1;
		bpf_for_each_map_elem(&sources, look_at, &review, 0);
		last_review = review;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
