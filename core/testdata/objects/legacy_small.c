/* The first five fields only, 20 bytes a definition; iproute2's 36 bytes are in legacy_iproute2.c. */
#include "bpf.h"

struct bpf_map_def {
  __u32 type, key_size, value_size, max_entries, map_flags;
};

struct bpf_map_def SEC("maps") first = {BPF_MAP_TYPE_ARRAY, 4, 16, 3, 0};
struct bpf_map_def SEC("maps") second = {BPF_MAP_TYPE_HASH, 6, 2, 5, 1};

SEC("xdp") int both(struct xdp_md *context) {
  __u8 key[8] = {context->ingress_ifindex};
  void *one = bpf_map_lookup_elem(&first, key);
  void *two = bpf_map_lookup_elem(&second, key);
  return one && two ? XDP_DROP : XDP_PASS;
}
