// Forwards IPv4 and IPv6 as a router does, with the kernel's routing table: bpf_fib_lookup says where to and with which
// link addresses. What XDP cannot do itself (no neighbour known, too large, for this host) goes on to the stack.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32); /* what bpf_fib_lookup answered */
	__type(value, __u64);
} answers SEC(".maps");

/* The parameters of the last lookup as they came back. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_fib_lookup);
} last SEC(".maps");

__u32 lookup_flags SEC(".data"); /* BPF_FIB_LOOKUP_* */
__s64 failed;

static void lower_ttl(struct iphdr *ip)
{
	__u32 check = ip->check;

	check += bpf_htons(0x0100);
	ip->check = check + (check >= 0xffff);
	ip->ttl -= 1;
}

static int ask(struct xdp_md *ctx, struct bpf_fib_lookup *fib)
{
	__u32 zero = 0, index;
	long answer = bpf_fib_lookup(ctx, fib, sizeof(*fib), lookup_flags);

	bpf_map_update_elem(&last, &zero, fib, BPF_ANY);
	if (answer < 0) {
		failed = answer;
		return -1;
	}
	index = answer;
	__u64 *count = bpf_map_lookup_elem(&answers, &index);
	if (count)
		*count += 1;
	return answer;
}

static int act(int answer)
{
	switch (answer) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		return XDP_REDIRECT;
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

SEC("xdp")
int route(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct bpf_fib_lookup fib = {};
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	fib.ifindex = ctx->ingress_ifindex;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		if ((void *)(ip + 1) > data_end || ip->ttl <= 1)
			return XDP_PASS;
		fib.family = AF_INET;
		fib.tos = ip->tos;
		fib.l4_protocol = ip->protocol;
		fib.tot_len = bpf_ntohs(ip->tot_len);
		fib.ipv4_src = ip->saddr;
		fib.ipv4_dst = ip->daddr;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(ip6 + 1) > data_end || ip6->hop_limit <= 1)
			return XDP_PASS;
		fib.family = AF_INET6;
		fib.flowinfo = *(__be32 *)ip6 & bpf_htonl(0x0fffffff);
		fib.l4_protocol = ip6->nexthdr;
		fib.tot_len = bpf_ntohs(ip6->payload_len) + sizeof(*ip6);
		__builtin_memcpy(fib.ipv6_src, &ip6->saddr, sizeof(ip6->saddr));
		__builtin_memcpy(fib.ipv6_dst, &ip6->daddr, sizeof(ip6->daddr));
	} else {
		return XDP_PASS;
	}

	int action = act(ask(ctx, &fib));
	if (action != XDP_REDIRECT)
		return action;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		lower_ttl(ip);
	else
		ip6->hop_limit -= 1;
	__builtin_memcpy(eth->h_dest, fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, fib.smac, ETH_ALEN);
	return bpf_redirect(fib.ifindex, 0);
}

char _license[] SEC("license") = "GPL";
