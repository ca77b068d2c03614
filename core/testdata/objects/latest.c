/* What clang 20 and later add to -mcpu=v4: loads that acquire, stores that release, casts between address spaces, and
   (clang 22) a table of jumps for a switch. */
#include "bpf.h"

#define ARENA __attribute__((address_space(1)))

__u64 wide;
__u32 narrow;
__u16 half;
__u8 byte;

__u64 acquire(void) {
  return __atomic_load_n(&wide, __ATOMIC_ACQUIRE) + __atomic_load_n(&narrow, __ATOMIC_ACQUIRE) +
         __atomic_load_n(&half, __ATOMIC_ACQUIRE) + __atomic_load_n(&byte, __ATOMIC_ACQUIRE);
}

void release(__u64 value) {
  __atomic_store_n(&wide, value, __ATOMIC_RELEASE);
  __atomic_store_n(&narrow, value, __ATOMIC_RELEASE);
  __atomic_store_n(&half, value, __ATOMIC_RELEASE);
  __atomic_store_n(&byte, value, __ATOMIC_RELEASE);
}

int ARENA *cast_in(int *pointer) { return (int ARENA *)pointer; }

int *cast_out(int ARENA *pointer) { return (int *)pointer; }

int through(int ARENA *pointer) { return *pointer + pointer[3]; }

volatile __u64 sink;

SEC("xdp") int choose(struct xdp_md *context) {
  switch (context->rx_queue_index) {
    case 0: sink = 5; return XDP_DROP;
    case 1: sink = context->ingress_ifindex; return XDP_TX;
    case 2: sink++; return XDP_PASS;
    case 3: sink -= 7; return XDP_ABORTED;
    case 4: sink = context->data_end; return XDP_REDIRECT;
    case 5: sink *= 3; return 9;
    case 6: sink ^= 77; return 11;
    case 7: sink <<= 3; return 14;
    case 8: sink |= 1; return 17;
    case 9: sink &= 12; return 23;
    case 10: sink = ~sink; return 26;
    case 11: sink = 100; return 28;
    case 12: sink = 101; return 35;
    case 13: sink = 102; return 37;
    case 14: sink = 104; return 39;
  }
  return 2;
}
