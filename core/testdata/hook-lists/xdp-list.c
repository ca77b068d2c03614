// Programs of XDP for libxdp's dispatcher: what says when each is asked is XDP_RUN_CONFIG, spelled
// out as xdp/xdp_helpers.h has it. The first leaves metadata, the second reads it.
// clang-19 -O2 -g -target bpf -I ../objects -c xdp-list.c -o xdp-list.o
#include "bpf.h"

#define RUN_CONFIG(program) _##program SEC(".xdp_run_config")

HELPER(54, long, bpf_xdp_adjust_meta, struct xdp_md *context, int delta);
HELPER(44, long, bpf_xdp_adjust_head, struct xdp_md *context, int delta);

struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} RUN_CONFIG(tag);

SEC("xdp") int tag(struct xdp_md *context)
{
	if (bpf_xdp_adjust_meta(context, -4))
		return XDP_ABORTED;
	__u32 *meta = (__u32 *)(long)context->data_meta;
	__u8 *data = (__u8 *)(long)context->data;
	if ((__u8 *)(meta + 1) > data || data + 34 > (__u8 *)(long)context->data_end)
		return XDP_PASS;
	*meta = data[23];
	return XDP_PASS;
}

SEC("xdp") int by_tag(struct xdp_md *context)
{
	__u32 *meta = (__u32 *)(long)context->data_meta;

	if ((__u8 *)(meta + 1) > (__u8 *)(long)context->data)
		return XDP_ABORTED;
	return *meta == 17 ? XDP_DROP : XDP_PASS;
}

struct {
	__uint(priority, 90);
	__uint(XDP_PASS, 0);
	__uint(XDP_DROP, 1);
} RUN_CONFIG(late);

SEC("xdp") int late(struct xdp_md *context)
{
	return bpf_xdp_adjust_head(context, -200) ? XDP_DROP : XDP_TX;
}

char _license[] SEC("license") = "GPL";
