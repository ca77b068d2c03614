// A packet's way through programs that call one another by tail calls: parse, then by protocol, then the rules, then the
// verdict. What the stages say to each other travels in metadata in front of the packet and in a per-CPU scratch.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum stage { STAGE_IPV4, STAGE_IPV6, STAGE_TCP, STAGE_UDP, STAGE_RULES, STAGE_MISSING, STAGES };

struct meta {
	__u16 protocol;
	__u16 transport; /* offset of the transport header */
	__u32 stages;	 /* a bit for each stage it went through */
};

int stage_ipv4(struct xdp_md *ctx);
int stage_ipv6(struct xdp_md *ctx);
int stage_tcp(struct xdp_md *ctx);
int stage_udp(struct xdp_md *ctx);
int stage_rules(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STAGES);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} stages SEC(".maps") = {
	.values = {
		[STAGE_IPV4] = &stage_ipv4,
		[STAGE_IPV6] = &stage_ipv6,
		[STAGE_TCP] = &stage_tcp,
		[STAGE_UDP] = &stage_udp,
		[STAGE_RULES] = &stage_rules,
	},
};

struct scratch {
	__u16 port;
	__u8 flags;
	__u8 unused;
	__u32 length;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32); /* XDP action, 7: fell out of the pipeline */
	__type(value, __u64);
} verdicts SEC(".maps");

static int verdict(__u32 action)
{
	__u64 *count = bpf_map_lookup_elem(&verdicts, &action);

	if (count)
		__sync_fetch_and_add(count, 1);
	return action;
}

/* Where a tail call comes back to: the stage is not there. */
static int fell_out(void)
{
	verdict(7);
	return XDP_ABORTED;
}

static struct meta *meta_of(struct xdp_md *ctx, enum stage stage)
{
	struct meta *meta = (void *)(long)ctx->data_meta;

	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return 0;
	meta->stages |= 1 << stage;
	return meta;
}

SEC("xdp")
int parse(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(struct meta)))
		return XDP_ABORTED;

	struct meta *meta = (void *)(long)ctx->data_meta;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(meta + 1) > (void *)eth || (void *)(eth + 1) > data_end)
		return XDP_ABORTED;
	__builtin_memset(meta, 0, sizeof(*meta));
	switch (bpf_ntohs(eth->h_proto)) {
	case ETH_P_IP:
		bpf_tail_call(ctx, &stages, STAGE_IPV4);
		break;
	case ETH_P_IPV6:
		bpf_tail_call(ctx, &stages, STAGE_IPV6);
		break;
	case ETH_P_ARP:
		return verdict(XDP_PASS);
	default:
		bpf_tail_call(ctx, &stages, STAGE_MISSING);
	}
	return fell_out();
}

static __noinline int transport(struct xdp_md *ctx, __u32 protocol)
{
	if (protocol == IPPROTO_TCP)
		bpf_tail_call(ctx, &stages, STAGE_TCP);
	else if (protocol == IPPROTO_UDP)
		bpf_tail_call(ctx, &stages, STAGE_UDP);
	else
		return verdict(XDP_PASS);
	return fell_out();
}

SEC("xdp")
int stage_ipv4(struct xdp_md *ctx)
{
	struct meta *meta = meta_of(ctx, STAGE_IPV4);
	struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);

	if (!meta || (void *)(ip + 1) > (void *)(long)ctx->data_end || ip->ihl < 5)
		return verdict(XDP_DROP);
	meta->protocol = ip->protocol;
	meta->transport = sizeof(struct ethhdr) + ip->ihl * 4;
	return transport(ctx, ip->protocol);
}

SEC("xdp")
int stage_ipv6(struct xdp_md *ctx)
{
	struct meta *meta = meta_of(ctx, STAGE_IPV6);
	struct ipv6hdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);

	if (!meta || (void *)(ip + 1) > (void *)(long)ctx->data_end)
		return verdict(XDP_DROP);
	meta->protocol = ip->nexthdr;
	meta->transport = sizeof(struct ethhdr) + sizeof(*ip);
	return transport(ctx, ip->nexthdr);
}

static int keep(struct xdp_md *ctx, __be16 port, __u8 flags)
{
	__u32 zero = 0;
	struct scratch *kept = bpf_map_lookup_elem(&scratch, &zero);

	if (kept) {
		kept->port = bpf_ntohs(port);
		kept->flags = flags;
		kept->length = ctx->data_end - ctx->data;
	}
	bpf_tail_call(ctx, &stages, STAGE_RULES);
	return fell_out();
}

SEC("xdp")
int stage_tcp(struct xdp_md *ctx)
{
	struct meta *meta = meta_of(ctx, STAGE_TCP);
	struct tcphdr *tcp;

	if (!meta)
		return verdict(XDP_DROP);
	tcp = (void *)(long)ctx->data + (meta->transport & 0xff);
	if ((void *)(tcp + 1) > (void *)(long)ctx->data_end)
		return verdict(XDP_DROP);
	return keep(ctx, tcp->dest, ((__u8 *)tcp)[13]);
}

SEC("xdp")
int stage_udp(struct xdp_md *ctx)
{
	struct meta *meta = meta_of(ctx, STAGE_UDP);
	struct udphdr *udp;

	if (!meta)
		return verdict(XDP_DROP);
	udp = (void *)(long)ctx->data + (meta->transport & 0xff);
	if ((void *)(udp + 1) > (void *)(long)ctx->data_end)
		return verdict(XDP_DROP);
	return keep(ctx, udp->dest, 0);
}

SEC("xdp")
int stage_rules(struct xdp_md *ctx)
{
	struct meta *meta = meta_of(ctx, STAGE_RULES);
	__u32 zero = 0;
	struct scratch *kept = bpf_map_lookup_elem(&scratch, &zero);

	if (!meta || !kept)
		return verdict(XDP_ABORTED);
	if (meta->protocol == IPPROTO_UDP)
		return verdict(kept->port == 53 || kept->port == 443 ? XDP_PASS : XDP_DROP);
	/* Flags that no honest TCP sends together: SYN and FIN. */
	if ((kept->flags & 3) == 3)
		return verdict(XDP_DROP);
	return verdict(kept->port == 7 ? XDP_TX : XDP_PASS);
}

char _license[] SEC("license") = "GPL";
