/* What these sources need of linux/bpf.h and bpf_helpers.h, for clang and gcc alike. */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;

#define SEC(name) __attribute__((section(name), used))
#define NOINLINE __attribute__((noinline))
#define WEAK __attribute__((weak))
#define HIDDEN __attribute__((visibility("hidden")))

#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[]

/* A helper is a function at a small constant address (clang), or has an attribute of its own (gcc). */
#ifdef __clang__
#define HELPER(number, result, name, ...) static result (*const name)(__VA_ARGS__) = (void *)number
#else
#define HELPER(number, result, name, ...) result name(__VA_ARGS__) __attribute__((kernel_helper(number)))
#endif

HELPER(1, void *, bpf_map_lookup_elem, void *map, const void *key);
HELPER(2, long, bpf_map_update_elem, void *map, const void *key, const void *value, __u64 flags);
HELPER(5, __u64, bpf_ktime_get_ns, void);
HELPER(6, long, bpf_trace_printk, const char *format, __u32 size, ...);
HELPER(12, long, bpf_tail_call, void *context, void *map, __u32 index);
HELPER(164, long, bpf_for_each_map_elem, void *map, void *callback, void *context, __u64 flags);
HELPER(181, long, bpf_loop, __u32 count, void *callback, void *context, __u64 flags);

enum {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PROG_ARRAY = 3,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LPM_TRIE = 11,
  BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
  BPF_MAP_TYPE_HASH_OF_MAPS = 13,
};

enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };

struct xdp_md {
  __u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

struct __sk_buff {
  __u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto, priority;
  __u32 ingress_ifindex, ifindex, tc_index, cb[5], hash, tc_classid, data, data_end;
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define htons(value) __builtin_bswap16(value)
#define htonl(value) __builtin_bswap32(value)
#else
#define htons(value) ((__u16)(value))
#define htonl(value) ((__u32)(value))
#endif
