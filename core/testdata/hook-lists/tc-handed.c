// Programs of tc that change what an skb is beside its bytes, and one that notes how it finds it.
// clang-19 -O2 -g -target bpf -I ../objects -c tc-handed.c -o tc-handed.o
#include "bpf.h"

HELPER(9, long, bpf_skb_store_bytes, struct __sk_buff *skb, __u32 offset, const void *from, __u32 length, __u64 flags);
HELPER(18, long, bpf_skb_vlan_push, struct __sk_buff *skb, __u16 protocol, __u16 tci);
HELPER(19, long, bpf_skb_vlan_pop, struct __sk_buff *skb);
HELPER(20, long, bpf_skb_get_tunnel_key, struct __sk_buff *skb, void *key, __u32 size, __u64 flags);
HELPER(21, long, bpf_skb_set_tunnel_key, struct __sk_buff *skb, void *key, __u32 size, __u64 flags);
HELPER(23, long, bpf_redirect, __u32 ifindex, __u64 flags);
HELPER(31, long, bpf_skb_change_proto, struct __sk_buff *skb, __u16 protocol, __u64 flags);
HELPER(32, long, bpf_skb_change_type, struct __sk_buff *skb, __u32 type);
HELPER(38, long, bpf_skb_change_tail, struct __sk_buff *skb, __u32 length, __u64 flags);
HELPER(43, long, bpf_skb_change_head, struct __sk_buff *skb, __u32 room, __u64 flags);
HELPER(48, long, bpf_set_hash, struct __sk_buff *skb, __u32 hash);
HELPER(50, long, bpf_skb_adjust_room, struct __sk_buff *skb, int by, __u32 mode, __u64 flags);
HELPER(68, long, bpf_skb_load_bytes_relative, struct __sk_buff *skb, __u32 offset, void *to, __u32 length, __u32 start);

enum { TC_ACT_UNSPEC = -1, TC_ACT_OK = 0, TC_ACT_REDIRECT = 7 };

struct seen {
	__u32 times, len, pkt_type, mark, protocol, vlan_present, vlan_tci, vlan_proto, hash, head;
	__u32 network, answer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

SEC("tc") int see(struct __sk_buff *skb)
{
	__u32 zero = 0, bytes = 0;
	struct seen *now = bpf_map_lookup_elem(&seen, &zero);

	if (!now)
		return TC_ACT_UNSPEC;
	now->times += 1;
	now->len = skb->len;
	now->pkt_type = skb->pkt_type;
	now->mark = skb->mark;
	now->protocol = skb->protocol;
	now->vlan_present = skb->vlan_present;
	now->vlan_tci = skb->vlan_tci;
	now->vlan_proto = skb->vlan_proto;
	now->hash = skb->hash;
	__u8 *data = (__u8 *)(long)skb->data;
	if (data + 16 <= (__u8 *)(long)skb->data_end)
		now->head = *(__u32 *)(data + 12);
	/* BPF_HDR_START_NET: from where the kernel thinks that the network header begins. */
	now->answer = bpf_skb_load_bytes_relative(skb, 0, &bytes, 4, 1);
	now->network = bytes;
	return TC_ACT_UNSPEC;
}

SEC("tc") int push_vlan(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, htons(0x8100), 42);
	return TC_ACT_UNSPEC;
}

SEC("tc") int pop_vlan(struct __sk_buff *skb)
{
	bpf_skb_vlan_pop(skb);
	return TC_ACT_UNSPEC;
}

SEC("tc") int retype(struct __sk_buff *skb)
{
	bpf_skb_change_type(skb, 0);
	return TC_ACT_UNSPEC;
}

/* Another EtherType in the bytes: the skb keeps the one that it came with. */
SEC("tc") int other_type(struct __sk_buff *skb)
{
	__u8 *data = (__u8 *)(long)skb->data;

	if (data + 14 > (__u8 *)(long)skb->data_end)
		return TC_ACT_UNSPEC;
	data[12] = 0x86;
	data[13] = 0xdd;
	return TC_ACT_UNSPEC;
}

SEC("tc") int to_ipv6(struct __sk_buff *skb)
{
	bpf_skb_change_proto(skb, htons(0x86dd), 0);
	return TC_ACT_UNSPEC;
}

SEC("tc") int longer(struct __sk_buff *skb)
{
	bpf_skb_change_tail(skb, skb->len + 10, 0);
	return TC_ACT_UNSPEC;
}

/* Still behind the transport header, which is known or not by who has sent the packet. */
SEC("tc") int shorter(struct __sk_buff *skb)
{
	bpf_skb_change_tail(skb, skb->len - 4, 0);
	return TC_ACT_UNSPEC;
}

SEC("tc") int in_front(struct __sk_buff *skb)
{
	bpf_skb_change_head(skb, 20, 0);
	return TC_ACT_UNSPEC;
}

SEC("tc") int room(struct __sk_buff *skb)
{
	bpf_skb_adjust_room(skb, 8, 0, 0);
	return TC_ACT_UNSPEC;
}

SEC("tc") int hashed(struct __sk_buff *skb)
{
	bpf_set_hash(skb, 0x12345678);
	return TC_ACT_UNSPEC;
}

SEC("tc") int marked(struct __sk_buff *skb)
{
	skb->mark += 5;
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
