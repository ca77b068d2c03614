/* A hash map declared by BTF, packet bounds checks, a struct as key. */
#include "bpf.h"

struct flow {
  __u32 source, destination;
  __u8 protocol;
  __u8 padding[3];
};

struct counter {
  __u64 packets, bytes;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __uint(map_flags, 1);
  __uint(pinning, 1);
  __type(key, struct flow);
  __type(value, struct counter);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __uint(value_size, 8);
} totals SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 16);
  __uint(map_flags, 1);
  __type(key, __u64);
  __type(value, int);
  __uint(numa_node, 0);
} networks SEC(".maps");

SEC("xdp") int count_flows(struct xdp_md *context) {
  __u8 *data = (__u8 *)(long)context->data;
  __u8 *end = (__u8 *)(long)context->data_end;
  if (data + 34 > end) return XDP_PASS;
  if (*(__u16 *)(data + 12) != htons(0x0800)) return XDP_PASS;
  struct flow flow = {*(__u32 *)(data + 26), *(__u32 *)(data + 30), data[23], {0}};
  struct counter *counter = bpf_map_lookup_elem(&flows, &flow);
  if (counter) {
    counter->packets++;
    counter->bytes += end - data;
  } else {
    struct counter fresh = {1, end - data};
    bpf_map_update_elem(&flows, &flow, &fresh, 0);
  }
  __u32 slot = 2;
  __u64 *total = bpf_map_lookup_elem(&totals, &slot);
  if (total) *total += 1;
  __u64 network = ((__u64)flow.source << 32) | 32;
  int *blocked = bpf_map_lookup_elem(&networks, &network);
  return blocked && *blocked ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
