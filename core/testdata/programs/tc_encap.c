// Tunnels made in tc: bpf_skb_adjust_room makes room behind the link header for an outer IPv4 header with GRE or UDP, and
// takes it away again at the other end.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FOU_PORT 5555
#define DECAP_L3_IPV6 (1ull << 8) /* BPF_F_ADJ_ROOM_DECAP_L3_IPV6, not in every header yet */

struct gre {
	__be16 flags;
	__be16 protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

enum { WITH_GRE, WITH_UDP, TAKEN_OFF, FAILED };

static int done(__u32 what, int action)
{
	__u64 *count = bpf_map_lookup_elem(&counters, &what);

	if (count)
		*count += 1;
	return action;
}

static __u16 checksum(const struct iphdr *ip)
{
	__s64 sum = bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0);

	sum = (sum & 0xffff) + (sum >> 16 & 0xffff);
	return ~((sum & 0xffff) + (sum >> 16));
}

static __noinline int outer_header(struct __sk_buff *skb, __u32 protocol, __u32 length)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = bpf_htons(length),
		.ttl = 64,
		.protocol = protocol,
		.saddr = bpf_htonl(0x0a010001),
		.daddr = bpf_htonl(0x0a010002),
	};

	ip.check = checksum(&ip);
	return bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), BPF_F_INVALIDATE_HASH);
}

static int inner_length(struct __sk_buff *skb)
{
	__be16 length;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		return bpf_skb_load_bytes(skb, ETH_HLEN + 2, &length, 2) ? -1 : bpf_ntohs(length);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return bpf_skb_load_bytes(skb, ETH_HLEN + 4, &length, 2) ? -1 : bpf_ntohs(length) + 40;
	return -1;
}

SEC("tc")
int encap_gre(struct __sk_buff *skb)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
	struct gre gre = { 0, skb->protocol };
	__u32 room = sizeof(struct iphdr) + sizeof(gre);
	int length = inner_length(skb);

	if (length < 0)
		return TC_ACT_OK;
	if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, flags))
		return done(FAILED, TC_ACT_SHOT);
	__be16 type = bpf_htons(ETH_P_IP);
	if (bpf_skb_store_bytes(skb, 12, &type, sizeof(type), 0) || outer_header(skb, IPPROTO_GRE, length + room))
		return done(FAILED, TC_ACT_SHOT);
	if (bpf_skb_store_bytes(skb, ETH_HLEN + sizeof(struct iphdr), &gre, sizeof(gre), 0))
		return done(FAILED, TC_ACT_SHOT);
	skb->cb[0] = bpf_ntohs(skb->protocol);
	return done(WITH_GRE, TC_ACT_OK);
}

SEC("tc")
int encap_udp(struct __sk_buff *skb)
{
	__u64 flags = BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	__u32 room = sizeof(struct iphdr) + sizeof(struct udphdr);
	int length = inner_length(skb);
	struct udphdr udp = { bpf_htons(40000), bpf_htons(FOU_PORT) };

	if (length < 0 || skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	udp.len = bpf_htons(length + sizeof(udp));
	if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, flags) || outer_header(skb, IPPROTO_UDP, length + room))
		return done(FAILED, TC_ACT_SHOT);
	if (bpf_skb_store_bytes(skb, ETH_HLEN + sizeof(struct iphdr), &udp, sizeof(udp), 0))
		return done(FAILED, TC_ACT_SHOT);
	return done(WITH_UDP, TC_ACT_OK);
}

SEC("tc")
int decap(struct __sk_buff *skb)
{
	struct iphdr ip;
	__be16 type;

	if (skb->protocol != bpf_htons(ETH_P_IP) || bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.ihl != 5)
		return TC_ACT_OK;
	if (ip.protocol == IPPROTO_GRE) {
		struct gre gre;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &gre, sizeof(gre)) || gre.flags)
			return done(FAILED, TC_ACT_SHOT);
		type = gre.protocol;
		/* An IPv6 packet has an IPv4 one's place: the kernel has to be told. */
		__u64 flags = type == bpf_htons(ETH_P_IPV6) ? BPF_F_ADJ_ROOM_FIXED_GSO | DECAP_L3_IPV6 : BPF_F_ADJ_ROOM_FIXED_GSO;
		if (bpf_skb_adjust_room(skb, -(int)(sizeof(ip) + sizeof(gre)), BPF_ADJ_ROOM_MAC, flags))
			return done(FAILED, TC_ACT_SHOT);
		if (bpf_skb_store_bytes(skb, 12, &type, sizeof(type), 0))
			return done(FAILED, TC_ACT_SHOT);
	} else if (ip.protocol == IPPROTO_UDP) {
		struct udphdr udp;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &udp, sizeof(udp)) || udp.dest != bpf_htons(FOU_PORT))
			return TC_ACT_OK;
		if (bpf_skb_adjust_room(skb, -(int)(sizeof(ip) + sizeof(udp)), BPF_ADJ_ROOM_MAC, 0))
			return done(FAILED, TC_ACT_SHOT);
	} else {
		return TC_ACT_OK;
	}
	skb->cb[0] = bpf_ntohs(skb->protocol);
	return done(TAKEN_OFF, TC_ACT_OK);
}

char _license[] SEC("license") = "GPL";
