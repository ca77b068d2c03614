// Masquerading in tc: hosts behind the router share its address. On the way out source address and port are replaced, on
// the way in the destination is put back; checksums are corrected for what changed.
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FIRST_PORT 40000
#define PORTS 1024
#define IP_OFFSET sizeof(struct ethhdr)
#define L4_OFFSET (IP_OFFSET + sizeof(struct iphdr))

struct flow {
	__be32 inside;
	__be32 outside;
	__be16 inside_port;
	__be16 outside_port;
	__u32 protocol;
};

struct back_key {
	__be32 outside;
	__be16 outside_port;
	__be16 port; /* of ours */
	__u32 protocol;
};

struct back {
	__be32 inside;
	__be16 inside_port;
	__u16 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PORTS);
	__type(key, struct flow);
	__type(value, __be16); /* port of ours */
} outbound SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PORTS);
	__type(key, struct back_key);
	__type(value, struct back);
} inbound SEC(".maps");

const volatile __be32 our_address = bpf_htonl(0xc6336401); /* 198.51.100.1 */
const volatile __be32 inside_network = bpf_htonl(0x0a000000);
const volatile __be32 inside_mask = bpf_htonl(0xff000000);
__u32 ports_given;

struct packet {
	__u32 protocol;
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
};

static __noinline int parse(struct __sk_buff *skb, struct packet *packet)
{
	struct iphdr ip;
	__be16 ports[2];

	if (!packet || skb->protocol != bpf_htons(ETH_P_IP))
		return -1;
	if (bpf_skb_load_bytes(skb, IP_OFFSET, &ip, sizeof(ip)) || ip.ihl != 5)
		return -1;
	if (ip.protocol != IPPROTO_TCP && ip.protocol != IPPROTO_UDP)
		return -1;
	if (bpf_skb_load_bytes(skb, L4_OFFSET, ports, sizeof(ports)))
		return -1;
	packet->protocol = ip.protocol;
	packet->source = ip.saddr;
	packet->destination = ip.daddr;
	packet->source_port = ports[0];
	packet->destination_port = ports[1];
	return 0;
}

/* Writes an address and a port, and corrects both checksums; a UDP checksum of 0 means that there is none. */
static __noinline int replace(struct __sk_buff *skb, struct packet *packet, __u32 source, __u32 address, __u32 port)
{
	if (!packet)
		return -1;

	int udp = packet->protocol == IPPROTO_UDP;
	__be32 old_address = source ? packet->source : packet->destination;
	__be16 old_port = source ? packet->source_port : packet->destination_port;
	__be16 new_port = port;
	__u32 check = L4_OFFSET + (udp ? offsetof(struct udphdr, check) : offsetof(struct tcphdr, check));
	__u64 flags = udp ? BPF_F_MARK_MANGLED_0 : 0;

	if (bpf_l4_csum_replace(skb, check, old_address, address, flags | BPF_F_PSEUDO_HDR | sizeof(address)))
		return -1;
	if (bpf_l4_csum_replace(skb, check, old_port, new_port, flags | sizeof(new_port)))
		return -1;
	if (bpf_l3_csum_replace(skb, IP_OFFSET + offsetof(struct iphdr, check), old_address, address, sizeof(address)))
		return -1;
	if (bpf_skb_store_bytes(skb, IP_OFFSET + (source ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr)), &address, sizeof(address), 0))
		return -1;
	return bpf_skb_store_bytes(skb, L4_OFFSET + (source ? 0 : 2), &new_port, sizeof(new_port), 0);
}

SEC("tc")
int masquerade(struct __sk_buff *skb)
{
	struct packet packet = {};

	if (parse(skb, &packet) || (packet.source & inside_mask) != inside_network)
		return TC_ACT_OK;

	struct flow flow = { packet.source, packet.destination, packet.source_port, packet.destination_port, packet.protocol };
	__be16 *known = bpf_map_lookup_elem(&outbound, &flow);
	__be16 port = known ? *known : bpf_htons(FIRST_PORT + ports_given++ % PORTS);
	if (!known) {
		struct back_key key = { packet.destination, packet.destination_port, port, packet.protocol };
		struct back back = { packet.source, packet.source_port, 0 };

		if (bpf_map_update_elem(&inbound, &key, &back, BPF_NOEXIST) || bpf_map_update_elem(&outbound, &flow, &port, BPF_ANY))
			return TC_ACT_SHOT;
	}
	return replace(skb, &packet, 1, our_address, port) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc")
int unmasquerade(struct __sk_buff *skb)
{
	struct packet packet = {};

	if (parse(skb, &packet) || packet.destination != our_address)
		return TC_ACT_OK;

	struct back_key key = { packet.source, packet.source_port, packet.destination_port, packet.protocol };
	struct back *back = bpf_map_lookup_elem(&inbound, &key);
	if (!back)
		return bpf_ntohs(packet.destination_port) >= FIRST_PORT ? TC_ACT_SHOT : TC_ACT_OK;
	return replace(skb, &packet, 0, back->inside, back->inside_port) ? TC_ACT_SHOT : TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
