// Accounts for what the sockets of a cgroup send and receive, for each remote host, and holds them to a budget of bytes:
// over the soft one TCP is told of congestion, over the hard one packets are dropped.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DROP 0
#define PASS 1
#define PASS_CONGESTED 3

struct account {
	__u64 sent_packets;
	__u64 sent_bytes;
	__u64 received_packets;
	__u64 received_bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct in6_addr); /* the other end; IPv4 as ::ffff:a.b.c.d */
	__type(value, struct account);
} accounts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32); /* IP protocol */
	__type(value, __u64);
} protocols SEC(".maps");

const volatile __u64 soft_budget = 150;
const volatile __u64 hard_budget = 400;
__u64 total_sent;

struct ends {
	struct in6_addr source;
	struct in6_addr destination;
	__u32 protocol;
	__u32 length;
};

static __noinline int parse(struct __sk_buff *skb, struct ends *ends)
{
	__u8 version;

	if (!ends || bpf_skb_load_bytes(skb, 0, &version, 1))
		return -1;
	if (version >> 4 == 4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
			return -1;
		ends->source.s6_addr32[2] = ends->destination.s6_addr32[2] = bpf_htonl(0xffff);
		ends->source.s6_addr32[3] = ip.saddr;
		ends->destination.s6_addr32[3] = ip.daddr;
		ends->protocol = ip.protocol;
		ends->length = bpf_ntohs(ip.tot_len);
		return 0;
	}
	if (version >> 4 == 6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
			return -1;
		ends->source = ip.saddr;
		ends->destination = ip.daddr;
		ends->protocol = ip.nexthdr;
		ends->length = sizeof(ip) + bpf_ntohs(ip.payload_len);
		return 0;
	}
	return -1;
}

static struct account *account_of(const struct in6_addr *remote)
{
	struct account none = {};

	bpf_map_update_elem(&accounts, remote, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&accounts, remote);
}

static void count_protocol(__u32 protocol)
{
	__u64 *count = bpf_map_lookup_elem(&protocols, &protocol);

	if (count)
		*count += 1;
}

SEC("cgroup_skb/egress")
int egress(struct __sk_buff *skb)
{
	struct ends ends = {};

	if (parse(skb, &ends))
		return DROP;
	if (total_sent + ends.length > hard_budget)
		return DROP;

	struct account *account = account_of(&ends.destination);
	if (account) {
		__sync_fetch_and_add(&account->sent_packets, 1);
		__sync_fetch_and_add(&account->sent_bytes, ends.length);
	}
	count_protocol(ends.protocol);
	total_sent += ends.length;
	skb->priority = total_sent > soft_budget ? 7 : 0;
	return total_sent > soft_budget && ends.protocol == IPPROTO_TCP ? PASS_CONGESTED : PASS;
}

SEC("cgroup_skb/ingress")
int ingress(struct __sk_buff *skb)
{
	struct ends ends = {};

	if (parse(skb, &ends))
		return DROP;

	struct account *account = account_of(&ends.source);
	if (!account)
		return DROP;
	__sync_fetch_and_add(&account->received_packets, 1);
	__sync_fetch_and_add(&account->received_bytes, ends.length);
	count_protocol(ends.protocol);
	skb->mark = account->sent_packets == 0; /* nobody asked */
	return PASS;
}

char _license[] SEC("license") = "GPL";
