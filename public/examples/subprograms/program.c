// Marks packets by size: a function of its own, a limit that can be changed, and counters that stay.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 limit = 100; /* .rodata */
__u64 large, small;               /* .bss */
__u32 mark = 0x10;                /* .data */

__attribute__((noinline)) int classify(__u32 length)
{
	if (length > limit) {
		large += 1;
		return 1;
	}
	small += 1;
	return 0;
}

SEC("tc")
int mark_large(struct __sk_buff *skb)
{
	if (classify(skb->len)) {
		skb->mark = mark;
		return TC_ACT_OK;
	}
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
