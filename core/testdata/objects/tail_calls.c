/* A program array whose slots are programs of the same object. */
#include "bpf.h"

SEC("xdp") int drop_it(struct xdp_md *context);
SEC("xdp") int pass_it(struct xdp_md *context);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 3);
  __uint(key_size, sizeof(__u32));
  __array(values, int(void *));
} jumps SEC(".maps") = {.values = {[0] = (void *)&drop_it, [2] = (void *)&pass_it}};

SEC("xdp") int drop_it(struct xdp_md *context) { return XDP_DROP; }

SEC("xdp") int pass_it(struct xdp_md *context) { return XDP_PASS; }

SEC("xdp/entry") int entry(struct xdp_md *context) {
  bpf_tail_call(context, &jumps, context->rx_queue_index);
  return XDP_ABORTED;
}
