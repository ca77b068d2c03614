// A firewall with longest prefix match: the rule of the longest network that holds the source decides, and may make an
// exception for some destination ports.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_PORTS 4

struct key4 {
	__u32 bits;
	__be32 address;
};

struct key6 {
	__u32 bits;
	struct in6_addr address;
};

enum { ALLOW, DENY, DENY_BUT_PORTS };

struct rule {
	__u32 id;
	__u32 action;
	__u16 ports[MAX_PORTS]; /* host byte order, 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key4);
	__type(value, struct rule);
} networks4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key6);
	__type(value, struct rule);
} networks6 SEC(".maps");

struct hits {
	__u64 allowed;
	__u64 denied;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* id of the rule */
	__type(value, struct hits);
} hits SEC(".maps");

int allow_by_default = 1;

static int port_is_open(const struct rule *rule, __u16 port)
{
	for (int i = 0; i < MAX_PORTS; i++)
		if (rule->ports[i] == port && port != 0)
			return 1;
	return 0;
}

static __noinline int decide(const struct rule *rule, __u32 port)
{
	struct hits first = {};
	int allowed;

	if (!rule)
		return allow_by_default ? XDP_PASS : XDP_DROP;
	allowed = rule->action == ALLOW || (rule->action == DENY_BUT_PORTS && port_is_open(rule, port));
	struct hits *known = bpf_map_lookup_elem(&hits, &rule->id);
	struct hits *counted = known ? known : &first;
	if (allowed)
		counted->allowed += 1;
	else
		counted->denied += 1;
	if (!known)
		bpf_map_update_elem(&hits, &rule->id, &first, BPF_NOEXIST);
	return allowed ? XDP_PASS : XDP_DROP;
}

/* The destination port of TCP and UDP, 0 of anything else. */
static __u16 destination_port(void *header, void *data_end, __u8 protocol)
{
	__be16 *ports = header;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || (void *)(ports + 2) > data_end)
		return 0;
	return bpf_ntohs(ports[1]);
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > data_end || ip->ihl < 5)
			return XDP_DROP;
		struct key4 key = { 32, ip->saddr };
		struct rule *rule = bpf_map_lookup_elem(&networks4, &key);
		return decide(rule, destination_port((void *)ip + ip->ihl * 4, data_end, ip->protocol));
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > data_end)
			return XDP_DROP;
		struct key6 key = { 128, ip->saddr };
		struct rule *rule = bpf_map_lookup_elem(&networks6, &key);
		return decide(rule, destination_port(ip + 1, data_end, ip->nexthdr));
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
