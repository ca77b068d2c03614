// One program for each protocol: the first looks at the IP header and goes on in the program for what follows.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

int tcp(struct xdp_md *ctx);
int udp(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 256);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} protocols SEC(".maps") = {
	.values = {
		[IPPROTO_TCP] = &tcp,
		[IPPROTO_UDP] = &udp,
	},
};

static void *transport(struct xdp_md *ctx, __u64 size)
{
	void *data = (void *)(long)ctx->data;
	void *at = data + sizeof(struct ethhdr) + sizeof(struct iphdr);

	return at + size > (void *)(long)ctx->data_end ? 0 : at;
}

SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > (void *)(long)ctx->data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	bpf_tail_call(ctx, &protocols, ip->protocol);
	bpf_printk("no program for protocol %d", ip->protocol);
	return XDP_PASS;
}

SEC("xdp/tcp")
int tcp(struct xdp_md *ctx)
{
	struct tcphdr *header = transport(ctx, sizeof(*header));

	return header && header->syn && !header->ack ? XDP_DROP : XDP_PASS;
}

SEC("xdp/udp")
int udp(struct xdp_md *ctx)
{
	struct udphdr *header = transport(ctx, sizeof(*header));

	return header && header->dest == bpf_htons(53) ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
