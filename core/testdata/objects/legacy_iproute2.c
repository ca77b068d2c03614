/* struct bpf_elf_map of iproute2: maps find each other by id, inner_idx is the slot an inner map starts in. */
#include "bpf.h"

struct bpf_elf_map {
  __u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

struct bpf_elf_map SEC("maps") inner = {BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 42, 0, 0, 3};
struct bpf_elf_map SEC("maps") outer = {BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 5, 0, 0, 2, 42, 0};

SEC("classifier") int look(struct __sk_buff *skb) {
  __u32 key = 3, zero = 0;
  void *found = bpf_map_lookup_elem(&outer, &key);
  if (!found) return 0;
  __u32 *value = bpf_map_lookup_elem(found, &zero);
  return value ? *value : (int)skb->mark;
}

char _license[] SEC("license") = "GPL";
