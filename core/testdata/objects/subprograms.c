/* Calls within a section and across sections, to static, global, weak and hidden functions. */
#include "bpf.h"

static NOINLINE int square(int x) { return x * x; }

static NOINLINE int add_squares(int a, int b) { return square(a) + square(b); }

NOINLINE int global_sum(int a, int b) { return a + 2 * b; }

WEAK NOINLINE int weak_default(int a) { return a ^ 0x55; }

HIDDEN NOINLINE int hidden_twice(int a) { return 2 * global_sum(a, a); }

SEC("xdp") NOINLINE int xdp_helper(int a) { return add_squares(a, 3) - 1; }

SEC("xdp") int xdp_entry(struct xdp_md *context) {
  int x = context->rx_queue_index;
  return xdp_helper(x) + global_sum(x, 7) + weak_default(x) + square(x);
}

static SEC("tc") NOINLINE int tc_static(int a) { return square(a) / 3u; }

SEC("tc") int tc_entry(struct __sk_buff *skb) { return tc_static(skb->len) + hidden_twice(skb->mark); }

int calls_xdp(int a) { return xdp_helper(a) + add_squares(a, a); }
