// A netfilter program: accepts what a host may receive, by protocol and port, and drops and counts the rest. The packet is
// read through a dynptr, its data starts at the network header.
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define NF_DROP 0
#define NF_ACCEPT 1

struct sk_buff;
struct nf_hook_state;

struct bpf_nf_ctx {
	const struct nf_hook_state *state;
	struct sk_buff *skb;
};

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *ptr) __ksym;
extern _Bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *ptr) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* protocol << 16 | port */
	__type(value, __u64);
} allowed SEC(".maps");

__u64 bytes_seen, denied;
__u32 read_only;

static __noinline int check(const struct bpf_dynptr *packet, __u32 protocol, __u32 at)
{
	__be16 buffer[2], *ports;
	__u32 key = protocol << 16;

	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) {
		ports = bpf_dynptr_slice(packet, at, buffer, sizeof(buffer));
		if (!ports)
			return NF_DROP;
		key |= bpf_ntohs(ports[1]);
	}
	__u64 *count = bpf_map_lookup_elem(&allowed, &key);
	if (count)
		*count += 1;
	else
		denied += 1;
	return count ? NF_ACCEPT : NF_DROP;
}

SEC("netfilter")
int guard(struct bpf_nf_ctx *ctx)
{
	struct bpf_dynptr packet;
	struct iphdr buffer, *ip;
	struct ipv6hdr buffer6, *ip6;

	if (bpf_dynptr_from_skb((struct __sk_buff *)ctx->skb, 0, &packet))
		return NF_DROP;
	read_only = bpf_dynptr_is_rdonly(&packet);
	bytes_seen += bpf_dynptr_size(&packet);
	ip = bpf_dynptr_slice(&packet, 0, &buffer, sizeof(buffer));
	if (!ip)
		return NF_DROP;
	if (ip->version == 4)
		return check(&packet, ip->protocol, ip->ihl * 4);
	ip6 = bpf_dynptr_slice(&packet, 0, &buffer6, sizeof(buffer6));
	return ip6 && ip6->version == 6 ? check(&packet, ip6->nexthdr, sizeof(*ip6)) : NF_DROP;
}

char _license[] SEC("license") = "GPL";
