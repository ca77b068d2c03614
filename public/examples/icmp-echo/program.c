// Answers pings for a set of addresses without waking the network stack: ICMP and ICMPv6 echo requests go back out of
// the interface they came in on, with addresses exchanged and checksum corrected.
#include <linux/bpf.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct in6_addr); /* IPv4 as ::ffff:a.b.c.d */
	__type(value, __u64);	      /* requests answered */
} answered SEC(".maps");

__u64 not_ours;

static void swap_mac(struct ethhdr *eth)
{
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, mac, ETH_ALEN);
}

/* RFC 1624: the new checksum from the old one and the words that changed. */
static __noinline __u16 replaced(__u16 check, __u16 from, __u16 to)
{
	__u32 sum = (__u16)~check + (__u16)~from + to;

	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

static int is_ours(const struct in6_addr *address)
{
	__u64 *requests = bpf_map_lookup_elem(&answered, address);

	if (requests)
		*requests += 1;
	else
		not_ours += 1;
	return requests != 0;
}

static int answer4(struct ethhdr *eth, void *data_end)
{
	struct iphdr *ip = (void *)(eth + 1);
	struct icmphdr *icmp = (void *)(ip + 1);
	struct in6_addr address = {};

	if ((void *)(icmp + 1) > data_end || ip->ihl != 5 || ip->protocol != IPPROTO_ICMP)
		return XDP_PASS;
	if (icmp->type != ICMP_ECHO || icmp->code != 0)
		return XDP_PASS;
	address.s6_addr32[2] = bpf_htonl(0xffff);
	address.s6_addr32[3] = ip->daddr;
	if (!is_ours(&address))
		return XDP_PASS;

	__be32 source = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = source;
	ip->check = replaced(ip->check, bpf_htons(ip->ttl << 8 | ip->protocol), bpf_htons(64 << 8 | ip->protocol));
	ip->ttl = 64;
	icmp->type = ICMP_ECHOREPLY;
	icmp->checksum = replaced(icmp->checksum, bpf_htons(ICMP_ECHO << 8), bpf_htons(ICMP_ECHOREPLY << 8));
	swap_mac(eth);
	return XDP_TX;
}

static int answer6(struct ethhdr *eth, void *data_end)
{
	struct ipv6hdr *ip = (void *)(eth + 1);
	struct icmp6hdr *icmp = (void *)(ip + 1);
	struct in6_addr address;

	if ((void *)(icmp + 1) > data_end || ip->nexthdr != IPPROTO_ICMPV6)
		return XDP_PASS;
	if (icmp->icmp6_type != ICMPV6_ECHO_REQUEST || icmp->icmp6_code != 0)
		return XDP_PASS;
	address = ip->daddr;
	if (!is_ours(&address))
		return XDP_PASS;

	/* The pseudo header's sum stays: it does not know which address comes first. */
	ip->daddr = ip->saddr;
	ip->saddr = address;
	ip->hop_limit = 64;
	__u8 before[4] = { ICMPV6_ECHO_REQUEST }, after[4] = { ICMPV6_ECHO_REPLY };
	__s64 sum = bpf_csum_diff((__be32 *)before, 4, (__be32 *)after, 4, (__u16)~icmp->icmp6_cksum);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff);
	icmp->icmp6_cksum = ~((sum & 0xffff) + (sum >> 16));
	icmp->icmp6_type = ICMPV6_ECHO_REPLY;
	swap_mac(eth);
	return XDP_TX;
}

SEC("xdp")
int echo(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return answer4(eth, data_end);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return answer6(eth, data_end);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
