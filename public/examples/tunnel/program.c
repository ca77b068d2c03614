// Both ends of a GRE tunnel: packets for networks behind it get an outer IPv4 header, a GRE header and a key in front
// (bpf_xdp_adjust_head), and packets that come through it lose them.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define GRE_KEY 0x2000
#define GRE_KNOWN GRE_KEY

struct gre {
	__be16 flags;
	__be16 protocol;
	__be32 key;
};

struct outer {
	struct iphdr ip;
	struct gre gre;
};

struct prefix {
	__u32 bits;
	__be32 network;
};

struct endpoint {
	__be32 address;
	__be32 key;
	__u8 mac[ETH_ALEN];
	__u16 mtu;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, struct endpoint);
} endpoints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be32); /* key of a tunnel that ends here */
	__type(value, __be32); /* where it has to come from */
} tunnels SEC(".maps");

const volatile __be32 local_address = bpf_htonl(0xcb007101); /* 203.0.113.1 */
static __u16 next_id = 1;
__u64 encapsulated, decapsulated, refused;

static __u16 checksum(const void *header, __u32 words)
{
	const __u16 *word = header;
	__u32 sum = 0;

	for (__u32 i = 0; i < words; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

static __noinline int encapsulate(struct xdp_md *ctx, __u32 length, const struct endpoint *endpoint)
{
	if (!endpoint || length + sizeof(struct outer) > endpoint->mtu) {
		refused += 1;
		return XDP_DROP;
	}
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct outer)))
		return XDP_ABORTED;

	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct outer *outer = (void *)(eth + 1);
	struct ethhdr *inner = (void *)eth + sizeof(*outer);

	if ((void *)(inner + 1) > data_end || (void *)(outer + 1) > data_end)
		return XDP_ABORTED;
	__be16 protocol = inner->h_proto;
	__builtin_memcpy(eth->h_source, inner->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, endpoint->mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	outer->ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tot_len = bpf_htons(length + sizeof(*outer)),
		.id = bpf_htons(next_id++),
		.ttl = 64,
		.protocol = IPPROTO_GRE,
		.saddr = local_address,
		.daddr = endpoint->address,
	};
	outer->ip.check = checksum(&outer->ip, sizeof(outer->ip) / 2);
	outer->gre = (struct gre){ bpf_htons(GRE_KEY), protocol, endpoint->key };
	encapsulated += 1;
	return XDP_TX;
}

static __noinline int decapsulate(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct outer *outer = (void *)(eth + 1);

	if ((void *)(outer + 1) > data_end || outer->gre.flags & ~bpf_htons(GRE_KNOWN) || !(outer->gre.flags & bpf_htons(GRE_KEY)))
		return XDP_DROP;

	__be32 key = outer->gre.key;
	__be32 *from = bpf_map_lookup_elem(&tunnels, &key);
	if (!from || *from != outer->ip.saddr) {
		refused += 1;
		return XDP_DROP;
	}

	struct ethhdr header = *eth;
	header.h_proto = outer->gre.protocol;
	if (bpf_xdp_adjust_head(ctx, sizeof(*outer)))
		return XDP_ABORTED;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	*eth = header;
	decapsulated += 1;
	return XDP_PASS;
}

SEC("xdp")
int tunnel(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;
	if (ip->daddr == local_address)
		return ip->protocol == IPPROTO_GRE ? decapsulate(ctx) : XDP_PASS;

	struct prefix key = { 32, ip->daddr };
	struct endpoint *endpoint = bpf_map_lookup_elem(&endpoints, &key);
	return endpoint ? encapsulate(ctx, bpf_ntohs(ip->tot_len), endpoint) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
