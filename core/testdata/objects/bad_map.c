/* One map nobody can create, beside one that is fine. */
#include "bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
  __uint(color, 3);
} strange SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} plain SEC(".maps");

SEC("xdp") int uses_strange(void *context) {
  __u32 key = 0;
  return bpf_map_lookup_elem(&strange, &key) ? XDP_DROP : XDP_PASS;
}

SEC("xdp") int uses_plain(void *context) {
  __u32 key = 0;
  return bpf_map_lookup_elem(&plain, &key) ? XDP_DROP : XDP_PASS;
}
