// Tells user space about TCP connections that open and close: tc puts one record an event into a ring buffer, with the
// first bytes of a request as a second kind of record. A full ring buffer loses events, and those are counted.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SAMPLE 32

enum { OPENED, CLOSED, RESET, REQUEST };

struct event {
	__u32 kind;
	__u32 length;
	struct in6_addr source;
	struct in6_addr destination;
	__u16 source_port;
	__u16 destination_port;
	__u32 sequence;
};

struct request {
	__u32 kind;
	__u32 length;
	char text[SAMPLE];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

__u64 lost, discarded;
const volatile __u16 request_port = 80;

struct place {
	__u32 tcp; /* offset of the TCP header */
	__u32 end;
	struct in6_addr source;
	struct in6_addr destination;
};

static void mapped(struct in6_addr *address, __be32 ip4)
{
	address->s6_addr32[2] = bpf_htonl(0xffff);
	address->s6_addr32[3] = ip4;
}

static __noinline int find_tcp(struct __sk_buff *skb, struct place *place)
{
	if (!place)
		return -1;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.protocol != IPPROTO_TCP)
			return -1;
		mapped(&place->source, ip.saddr);
		mapped(&place->destination, ip.daddr);
		place->tcp = ETH_HLEN + ip.ihl * 4;
		place->end = ETH_HLEN + bpf_ntohs(ip.tot_len);
		return 0;
	}
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.nexthdr != IPPROTO_TCP)
			return -1;
		place->source = ip.saddr;
		place->destination = ip.daddr;
		place->tcp = ETH_HLEN + sizeof(ip);
		place->end = place->tcp + bpf_ntohs(ip.payload_len);
		return 0;
	}
	return -1;
}

static void report(__u32 kind, const struct place *place, const struct tcphdr *tcp, __u32 length)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		lost += 1;
		return;
	}
	event->kind = kind;
	event->length = length;
	event->source = place->source;
	event->destination = place->destination;
	event->source_port = bpf_ntohs(tcp->source);
	event->destination_port = bpf_ntohs(tcp->dest);
	event->sequence = bpf_ntohl(tcp->seq);
	/* What this host says to itself is of no interest; seen only now that the addresses are there. */
	if (event->source.s6_addr32[3] == event->destination.s6_addr32[3] && event->source.s6_addr32[0] == event->destination.s6_addr32[0]) {
		discarded += 1;
		bpf_ringbuf_discard(event, 0);
		return;
	}
	bpf_ringbuf_submit(event, kind == RESET ? BPF_RB_FORCE_WAKEUP : 0);
}

static void report_request(struct __sk_buff *skb, __u32 at, __u32 length)
{
	struct request request = { REQUEST, length };

	if (length >= SAMPLE) {
		if (bpf_skb_load_bytes(skb, at, request.text, SAMPLE))
			return;
	} else {
		for (__u32 i = 0; i < SAMPLE; i++)
			if (i >= length || bpf_skb_load_bytes(skb, at + i, &request.text[i], 1))
				break;
	}
	if (bpf_ringbuf_output(&events, &request, sizeof(request), 0))
		lost += 1;
}

SEC("tc")
int watch(struct __sk_buff *skb)
{
	struct place place = {};
	struct tcphdr tcp;

	if (find_tcp(skb, &place) || bpf_skb_load_bytes(skb, place.tcp, &tcp, sizeof(tcp)))
		return TC_ACT_OK;

	__u32 payload = place.tcp + tcp.doff * 4;
	__u32 length = payload < place.end ? place.end - payload : 0;
	if (tcp.rst)
		report(RESET, &place, &tcp, length);
	else if (tcp.syn && !tcp.ack)
		report(OPENED, &place, &tcp, length);
	else if (tcp.fin)
		report(CLOSED, &place, &tcp, length);
	if (length > 0 && tcp.psh && tcp.dest == bpf_htons(request_port))
		report_request(skb, payload, length);
	/* A reader that does not keep up shows itself here. */
	skb->mark = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
