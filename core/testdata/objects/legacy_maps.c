/* struct bpf_map_def of bpf_load and libbpf before 1.0: 28 bytes, one of them an inner map by index. */
#include "bpf.h"

struct bpf_map_def {
  __u32 type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node;
};

struct bpf_map_def SEC("maps") hits = {BPF_MAP_TYPE_HASH, 4, 8, 256, 0, 0, 0};
struct bpf_map_def SEC("maps") slots = {BPF_MAP_TYPE_ARRAY, 4, 4, 8, 0, 0, 0};
struct bpf_map_def SEC("maps") nested = {BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, 1, 0};

SEC("socket") int count(struct __sk_buff *skb) {
  __u32 key = skb->protocol;
  __u64 *hit = bpf_map_lookup_elem(&hits, &key);
  if (hit) *hit += skb->len;
  key = 1;
  void *inner = bpf_map_lookup_elem(&nested, &key);
  __u32 *slot = bpf_map_lookup_elem(inner ? inner : (void *)&slots, &key);
  return slot ? *slot : 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
