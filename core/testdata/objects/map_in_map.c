/* Maps of maps with initial slots. */
#include "bpf.h"

struct inner {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} left SEC(".maps"), right SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 4);
  __type(key, __u32);
  __array(values, struct inner);
} outer SEC(".maps") = {.values = {[1] = &right, [3] = &left}};

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 8);
  __uint(key_size, 4);
  __array(values, struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16);
    __type(key, int);
    __type(value, char[6]);
  });
} by_name SEC(".maps");

SEC("xdp") int look(struct xdp_md *context) {
  __u32 key = context->rx_queue_index;
  void *found = bpf_map_lookup_elem(&outer, &key);
  if (!found) found = bpf_map_lookup_elem(&by_name, &key);
  if (!found) return XDP_PASS;
  __u64 *value = bpf_map_lookup_elem(found, &key);
  return value ? (int)*value : XDP_ABORTED;
}
