/* Addresses of static functions, handed to helpers. */
#include "bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} sums SEC(".maps");

struct state {
  __u64 sum;
  __u32 limit;
};

static NOINLINE int unused_first(int x) { return x * 3; }

static NOINLINE long add_index(__u32 index, struct state *state) {
  state->sum += unused_first(index);
  return index >= state->limit;
}

static NOINLINE long add_entry(void *map, const void *key, __u64 *value, struct state *state) {
  state->sum += *value;
  return 0;
}

SEC("tc") int sum_up(struct __sk_buff *skb) {
  struct state state = {0, skb->len};
  bpf_loop(10, add_index, &state, 0);
  bpf_for_each_map_elem(&sums, add_entry, &state, 0);
  return state.sum;
}
