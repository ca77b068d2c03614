// On a route with `encap bpf`: packets to a prefix get a link header for a device of another kind (bpf_skb_change_head), a
// DSCP with the checksum that belongs to it, and are sent there; large ones and those about to expire are dropped.
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ECN_MASK 3

struct path {
	__u32 device;
	__u8 dscp;
	__u8 source[ETH_ALEN];
	__u8 destination[ETH_ALEN];
	__u8 unused[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32); /* IP version */
	__type(value, struct path);
} paths SEC(".maps");

__u64 sent, refused;
const volatile __u32 longest = 1400;

static __noinline int set_dscp4(struct __sk_buff *skb, __u32 dscp)
{
	void *data = (void *)(long)skb->data;
	struct iphdr *ip = data;

	if ((void *)(ip + 1) > (void *)(long)skb->data_end || ip->ttl <= 1)
		return -1;
	__be16 before = *(__be16 *)ip;
	__u8 tos = dscp << 2 | (ip->tos & ECN_MASK);
	__be16 after = bpf_htons((bpf_ntohs(before) & 0xff00) | tos);
	if (bpf_l3_csum_replace(skb, offsetof(struct iphdr, check), before, after, sizeof(after)))
		return -1;
	return bpf_skb_store_bytes(skb, offsetof(struct iphdr, tos), &tos, 1, 0);
}

static __noinline int set_dscp6(struct __sk_buff *skb, __u32 dscp)
{
	void *data = (void *)(long)skb->data;
	struct ipv6hdr *ip = data;

	if ((void *)(ip + 1) > (void *)(long)skb->data_end || ip->hop_limit <= 1)
		return -1;
	/* version (4), traffic class (8), flow label (20) */
	__be32 *first = (__be32 *)ip;
	*first = bpf_htonl((bpf_ntohl(*first) & ~(0x3fu << 22)) | dscp << 22);
	return 0;
}

SEC("lwt_xmit")
int mark(struct __sk_buff *skb)
{
	__u8 version;

	if (bpf_skb_load_bytes(skb, 0, &version, 1))
		return BPF_DROP;

	__u32 key = version >> 4;
	struct path *path = bpf_map_lookup_elem(&paths, &key);
	if (!path)
		return BPF_OK;
	if (skb->len > longest || (key == 4 ? set_dscp4(skb, path->dscp) : set_dscp6(skb, path->dscp))) {
		refused += 1;
		return BPF_DROP;
	}
	skb->mark = path->dscp;
	skb->priority = path->dscp >> 3;
	if (path->device == 0)
		return BPF_OK;

	struct ethhdr eth = { .h_proto = key == 4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6) };
	__builtin_memcpy(eth.h_source, path->source, ETH_ALEN);
	__builtin_memcpy(eth.h_dest, path->destination, ETH_ALEN);
	if (bpf_skb_change_head(skb, sizeof(eth), 0) || bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0))
		return BPF_DROP;
	sent += 1;
	return bpf_redirect(path->device, 0);
}

char _license[] SEC("license") = "GPL";
