/* Chains of tail calls whose slots a person has to fill, and ones that come back. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#define ARRAY(name, slots) struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, slots); __uint(key_size, 4); __uint(value_size, 4); } name SEC(".maps")
ARRAY(jmp, 4);
ARRAY(side, 2);
#define TYPE (*(__be16 *)((void *)(long)x->data + 12))
#define CHECK if ((void *)(long)x->data + 34 > (void *)(long)x->data_end || TYPE != bpf_htons(0x0800)) return XDP_DROP

SEC("xdp") int stage_0(struct xdp_md *x)
{
	CHECK;
	bpf_tail_call(x, &jmp, 1);
	return XDP_ABORTED;
}
SEC("xdp") int stage_1(struct xdp_md *x)
{
	CHECK;
	bpf_tail_call(x, &jmp, 2);
	return XDP_ABORTED;
}
SEC("xdp") int stage_2(struct xdp_md *x)
{
	return XDP_PASS;
}
/* side[0] is empty too, and whatever came back from it this goes on to jmp[1]. */
SEC("xdp") int bystander(struct xdp_md *x)
{
	CHECK;
	bpf_tail_call(x, &side, 0);
	bpf_tail_call(x, &jmp, 1);
	return XDP_ABORTED;
}
SEC("xdp") int past(struct xdp_md *x)
{
	bpf_tail_call(x, &jmp, 7);
	return XDP_ABORTED;
}
SEC("tc") int of_another_type(struct __sk_buff *skb)
{
	return 0;
}
/* Behind the others: the map that names it would have it stand in front of them. */
int again(struct xdp_md *x);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 1); __uint(key_size, 4); __array(values, int (void *)); } self SEC(".maps") = { .values = { [0] = (void *)&again } };
SEC("xdp") int again(struct xdp_md *x)
{
	CHECK;
	bpf_tail_call(x, &self, 0);
	return XDP_ABORTED;
}
char _license[] SEC("license") = "GPL";
