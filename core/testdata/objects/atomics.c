/* Atomic operations. Before -mcpu=v3 there is only addition without a result. */
#include "bpf.h"

__u64 wide;
__u32 narrow;

SEC("tc") int add_only(struct __sk_buff *skb) {
  __sync_fetch_and_add(&wide, skb->len);
  __sync_fetch_and_add(&narrow, 1);
  return 0;
}

#ifdef V3
SEC("tc") int all_of_them(struct __sk_buff *skb) {
  __u64 a = skb->len, b = skb->mark;
  a += __sync_fetch_and_add(&wide, b);
  a += __sync_fetch_and_and(&wide, a);
  a += __sync_fetch_and_or(&wide, b);
  a += __sync_fetch_and_xor(&wide, a);
  a += __sync_lock_test_and_set(&wide, b);
  a += __sync_val_compare_and_swap(&wide, a, b);
  __u32 c = a;
  c += __sync_fetch_and_add(&narrow, c);
  c += __sync_fetch_and_and(&narrow, 15);
  c += __sync_fetch_and_or(&narrow, 16);
  c += __sync_fetch_and_xor(&narrow, c);
  c += __sync_lock_test_and_set(&narrow, c);
  c += __sync_val_compare_and_swap(&narrow, c, 3);
  return c;
}
#endif
