// A flow dissector: finds addresses and ports behind VLAN tags, IPv6 extension headers and one IP-in-IP tunnel, for the
// kernel to hash flows by; what it does not know it leaves to the kernel's own.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IP_OFFSET_MASK 0x1fff
#define IP_MORE_FRAGMENTS 0x2000
#define MAX_VLANS 2
#define FARTHEST 2000
#define MAX_EXTENSIONS 4
#define IPPROTO_EXTENSION_OPTIONS 0
#define IPPROTO_EXTENSION_ROUTING 43
#define IPPROTO_EXTENSION_FRAGMENT 44
#define IPPROTO_EXTENSION_DESTINATION 60

struct vlan {
	__be16 tci;
	__be16 protocol;
};

struct extension {
	__u8 next;
	__u8 length; /* in 8 bytes, without the first 8 */
	__be16 offset; /* of a fragment */
	__be32 id;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32); /* IP protocol */
	__type(value, __u64);
} protocols SEC(".maps");

/* The header at thoff: in the packet where it lies there in one piece, else copied. */
static __always_inline void *header(struct __sk_buff *skb, void *buffer, __u32 size)
{
	__u32 offset = skb->flow_keys->thoff;
	void *at = (void *)(long)skb->data + offset;

	/* The verifier wants an end to it before it lets the packet be read there. */
	if (offset > FARTHEST)
		return 0;
	if (at + size <= (void *)(long)skb->data_end)
		return at;
	return bpf_skb_load_bytes(skb, offset, buffer, size) ? 0 : buffer;
}

static int ports(struct __sk_buff *skb, struct bpf_flow_keys *keys)
{
	__be16 buffer[2], *pair;
	__u32 protocol = keys->ip_proto;
	__u64 *count = bpf_map_lookup_elem(&protocols, &protocol);

	if (count)
		*count += 1;
	if (keys->is_frag && !keys->is_first_frag)
		return BPF_OK;
	if (keys->ip_proto != IPPROTO_TCP && keys->ip_proto != IPPROTO_UDP)
		return BPF_OK;
	pair = header(skb, buffer, sizeof(buffer));
	if (!pair)
		return BPF_DROP;
	keys->sport = pair[0];
	keys->dport = pair[1];
	return BPF_OK;
}

static __noinline int ipv4(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;
	struct iphdr buffer, *ip = header(skb, &buffer, sizeof(buffer));

	if (!ip || ip->ihl < 5)
		return -1;
	keys->addr_proto = ETH_P_IP;
	keys->ipv4_src = ip->saddr;
	keys->ipv4_dst = ip->daddr;
	keys->ip_proto = ip->protocol;
	keys->thoff += ip->ihl * 4;
	if (ip->frag_off & bpf_htons(IP_OFFSET_MASK | IP_MORE_FRAGMENTS)) {
		keys->is_frag = 1;
		keys->is_first_frag = !(ip->frag_off & bpf_htons(IP_OFFSET_MASK));
	}
	return 0;
}

static __noinline int ipv6(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;
	struct ipv6hdr buffer, *ip = header(skb, &buffer, sizeof(buffer));

	if (!ip)
		return -1;
	keys->addr_proto = ETH_P_IPV6;
	__builtin_memcpy(keys->ipv6_src, &ip->saddr, sizeof(ip->saddr));
	__builtin_memcpy(keys->ipv6_dst, &ip->daddr, sizeof(ip->daddr));
	keys->flow_label = *(__be32 *)ip & bpf_htonl(0xfffff);
	keys->ip_proto = ip->nexthdr;
	keys->thoff += sizeof(*ip);
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		struct extension copy, *extension;
		__u8 next = keys->ip_proto;

		if (next != IPPROTO_EXTENSION_OPTIONS && next != IPPROTO_EXTENSION_ROUTING && next != IPPROTO_EXTENSION_FRAGMENT && next != IPPROTO_EXTENSION_DESTINATION)
			break;
		extension = header(skb, &copy, sizeof(copy));
		if (!extension)
			return -1;
		keys->ip_proto = extension->next;
		if (next == IPPROTO_EXTENSION_FRAGMENT) {
			keys->is_frag = 1;
			keys->is_first_frag = !(extension->offset & bpf_htons(0xfff8));
			keys->thoff += sizeof(*extension);
		} else {
			keys->thoff += (extension->length + 1) * 8;
		}
	}
	return 0;
}

SEC("flow_dissector")
int dissect(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;
	__be16 protocol = keys->n_proto;

	for (int i = 0; i < MAX_VLANS; i++) {
		struct vlan copy, *vlan;

		if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
			break;
		vlan = header(skb, &copy, sizeof(copy));
		if (!vlan)
			return BPF_DROP;
		protocol = vlan->protocol;
		keys->thoff += sizeof(*vlan);
		keys->nhoff += sizeof(*vlan);
		keys->n_proto = protocol;
	}
	if (protocol != bpf_htons(ETH_P_IP) && protocol != bpf_htons(ETH_P_IPV6))
		return BPF_FLOW_DISSECTOR_CONTINUE;
	if (protocol == bpf_htons(ETH_P_IP) ? ipv4(skb) : ipv6(skb))
		return BPF_DROP;
	if (keys->ip_proto == IPPROTO_IPIP || keys->ip_proto == IPPROTO_IPV6) {
		keys->is_encap = 1;
		if (keys->flags & BPF_FLOW_DISSECTOR_F_STOP_AT_ENCAP)
			return ports(skb, keys);
		if (keys->ip_proto == IPPROTO_IPIP ? ipv4(skb) : ipv6(skb))
			return BPF_DROP;
	}
	return ports(skb, keys);
}

char _license[] SEC("license") = "GPL";
