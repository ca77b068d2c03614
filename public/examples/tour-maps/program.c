// Two programs and two maps: the first hands the packet to the program of its protocol, which asks a map for the sender.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

int tcp(struct xdp_md *ctx);

/* Programs by the protocol of IP. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 256);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} protocols SEC(".maps") = {
	.values = {
		[IPPROTO_TCP] = &tcp,
	},
};

/* Senders whose TCP is dropped, with how often it was. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be32);
	__type(value, __u64);
} blocked SEC(".maps");

static struct iphdr *ip_of(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);

	return (void *)(ip + 1) > (void *)(long)ctx->data_end ? 0 : ip;
}

SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	struct iphdr *ip = ip_of(ctx);

	if (!ip)
		return XDP_PASS;
	bpf_tail_call(ctx, &protocols, ip->protocol);
	return XDP_PASS; /* no program for this protocol */
}

SEC("xdp/tcp")
int tcp(struct xdp_md *ctx)
{
	struct iphdr *ip = ip_of(ctx);

	if (!ip)
		return XDP_PASS;

	__u64 *drops = bpf_map_lookup_elem(&blocked, &ip->saddr);

	if (!drops)
		return XDP_PASS;
	__sync_fetch_and_add(drops, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
