// Programs of tc that stand in a list: one marks, one counts by that mark and answers for the
// packet's length, one drops every third packet that it is asked of.
// clang-19 -O2 -g -target bpf -I ../objects -c tc-list.c -o tc-list.o
#include "bpf.h"

enum { TC_ACT_UNSPEC = -1, TC_ACT_OK = 0, TC_ACT_SHOT = 2, TC_ACT_PIPE = 3 };

SEC("tc") int mark_udp(struct __sk_buff *skb)
{
	__u8 *data = (__u8 *)(long)skb->data;

	if (data + 34 > (__u8 *)(long)skb->data_end)
		return TC_ACT_PIPE;
	if (data[23] == 17) {
		skb->mark = 7;
		data[22] -= 1;
	}
	return TC_ACT_UNSPEC;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} by_mark SEC(".maps");

SEC("tc") int count_marks(struct __sk_buff *skb)
{
	__u32 mark = skb->mark & 7;
	__u64 *count = bpf_map_lookup_elem(&by_mark, &mark);

	if (count)
		*count += 1;
	return skb->len > 200 ? TC_ACT_OK : TC_ACT_UNSPEC;
}

static volatile __u32 asked;

SEC("tc/ingress") int third(struct __sk_buff *skb)
{
	asked += 1;
	return asked % 3 == 0 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
