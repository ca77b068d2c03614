/* Addresses in data: of variables and of functions. */
#include "bpf.h"

int target = 5;
static int other = 6;
int *pointers[] = {&target, &other};

SEC("xdp") int follow(struct xdp_md *context) { return *pointers[context->rx_queue_index & 1]; }

SEC("xdp") int no_pointer(struct xdp_md *context) { return target; }
