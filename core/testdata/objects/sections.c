/* Built by build.sh with a section for each function and variable, and COMMON symbols. */
#include "bpf.h"

int common_int;
long common_long;
static int started = 4;

static NOINLINE int plus(int x) { return x + started; }

NOINLINE int twice(int x) { return x * 2; }

SEC("xdp") int entry(struct xdp_md *context) {
  common_int += context->rx_queue_index;
  common_long = plus(common_int);
  started++;
  return twice(started);
}
