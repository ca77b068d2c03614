// Active queue management in miniature: what the packet's context says of mark, priority and time decides whether it is
// marked as having met congestion (ECN), held back by a departure time, or dropped.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MARK_CONGESTED 0x1
#define MARK_PACED 0x2
#define ECN_MASK 3
#define NOT_ECT 0

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32); /* priority */
	__type(value, __u64);
} departures SEC(".maps");

const volatile __u64 bytes_per_ns_shift = 3;
__u64 marked, dropped, paced;

static __noinline int ecn(struct __sk_buff *skb)
{
	__u8 bytes[2];

	if (bpf_skb_load_bytes(skb, ETH_HLEN, bytes, sizeof(bytes)))
		return -1;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return bytes[1] & ECN_MASK;
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return bytes[1] >> 4 & ECN_MASK;
	return -1;
}

/* Departure times of a class go up by what each packet takes on the wire. */
static void pace(struct __sk_buff *skb)
{
	__u32 class = skb->priority & 15;
	__u64 *next = bpf_map_lookup_elem(&departures, &class);

	if (!next)
		return;
	if (*next < skb->tstamp)
		*next = skb->tstamp;
	skb->tstamp = *next;
	*next += (__u64)skb->wire_len << bytes_per_ns_shift;
	paced += 1;
}

SEC("tc")
int queue(struct __sk_buff *skb)
{
	int codepoint = ecn(skb);

	skb->cb[0] = codepoint;
	skb->cb[1] += 1;
	skb->cb[2] = skb->gso_segs;
	skb->cb[3] = skb->ifindex << 16 | skb->ingress_ifindex;
	if (skb->mark & MARK_CONGESTED) {
		if (codepoint == NOT_ECT) {
			dropped += 1;
			return TC_ACT_SHOT;
		}
		skb->cb[4] = bpf_skb_ecn_set_ce(skb);
		marked += skb->cb[4];
	}
	if (skb->mark & MARK_PACED)
		pace(skb);
	skb->priority = skb->priority > 7 ? 7 : skb->priority;
	skb->mark &= ~(MARK_CONGESTED | MARK_PACED);
	skb->tc_classid = 0x10001;
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
