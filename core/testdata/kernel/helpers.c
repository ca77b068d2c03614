// Helpers and maps at their edges, each program answering with what the helper said. Built by
//   clang-19 -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -c helpers.c -o helpers.o
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DATA ((void *)(long)ctx->data)
#define END ((void *)(long)ctx->data_end)
#define META ((void *)(long)ctx->data_meta)

#define MOVE(name, helper, delta) \
	SEC("xdp") int name(struct xdp_md *ctx) \
	{ \
		long result = helper(ctx, delta); \
		unsigned char *data = DATA; \
		if ((void *)(data + 1) > END) return -1000; \
		return (int)result * 1000 + data[0] + (int)(END - DATA); \
	}

MOVE(head_back_14, bpf_xdp_adjust_head, -14)
MOVE(head_back_216, bpf_xdp_adjust_head, -216)
MOVE(head_back_217, bpf_xdp_adjust_head, -217)
MOVE(head_on_14, bpf_xdp_adjust_head, 14)
MOVE(head_on_1000, bpf_xdp_adjust_head, 1000)
MOVE(head_on_28, bpf_xdp_adjust_head, 28)
MOVE(tail_less_4, bpf_xdp_adjust_tail, -4)
MOVE(tail_less_1000, bpf_xdp_adjust_tail, -1000)
MOVE(tail_more_100, bpf_xdp_adjust_tail, 100)
MOVE(tail_more_4000, bpf_xdp_adjust_tail, 4000)
MOVE(meta_8, bpf_xdp_adjust_meta, -8)
MOVE(meta_6, bpf_xdp_adjust_meta, -6)
MOVE(meta_252, bpf_xdp_adjust_meta, -252)
MOVE(meta_216, bpf_xdp_adjust_meta, -216)
MOVE(meta_on, bpf_xdp_adjust_meta, 4)

SEC("xdp") int meta_then_head(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_meta(ctx, -16)) return -1;
	__u32 *meta = META;
	if ((void *)(meta + 4) > DATA) return -2;
	meta[0] = 0x11223344;
	meta[3] = 0x55667788;
	if (bpf_xdp_adjust_head(ctx, -20)) return -3;
	meta = META;
	if ((void *)(meta + 4) > DATA) return -4;
	return meta[0] + meta[3];
}

/* Sums over fixed bytes: the value must not depend on the packet. */
static const char bytes[16] = {1, 2, 3, 4, 250, 251, 252, 253, 9, 8, 7, 6, 5, 4, 3, 255};
#define COPY __u32 from[2], to[4]; __builtin_memcpy(from, bytes, 8); __builtin_memcpy(to, bytes, 16)
SEC("tc") int diff_push(struct __sk_buff *skb) { COPY; return bpf_csum_diff(0, 0, to, 16, 0); }
SEC("tc") int diff_push_seed(struct __sk_buff *skb) { COPY; return bpf_csum_diff(0, 0, to, 16, 0xfffffff0); }
SEC("tc") int diff_pull(struct __sk_buff *skb) { COPY; return bpf_csum_diff(from, 8, 0, 0, 0x1234); }
SEC("tc") int diff_both(struct __sk_buff *skb) { COPY; return bpf_csum_diff(from, 8, to, 16, 7); }
SEC("tc") int diff_none(struct __sk_buff *skb) { return bpf_csum_diff(0, 0, 0, 0, 0x12345678); }
SEC("tc") int diff_odd(struct __sk_buff *skb) { COPY; return bpf_csum_diff(0, 0, to, 7, 0); }

SEC("tc") int l3_two(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 24, 0x1234, 0xbeef, 2); }
SEC("tc") int l3_four(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 24, 0x0100000a, 0xdeadbeef, 4); }
SEC("tc") int l3_diff(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 24, 0, 0xabcd, 0); }
SEC("tc") int l3_diff_from(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 24, 1, 0xabcd, 0); }
SEC("tc") int l3_size_3(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 24, 1, 2, 3); }
SEC("tc") int l3_flags(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 24, 1, 2, 0x12); }
SEC("tc") int l3_odd(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 25, 1, 2, 2); }
SEC("tc") int l3_far(struct __sk_buff *skb) { return bpf_l3_csum_replace(skb, 4000, 1, 2, 2); }
SEC("tc") int l4_two(struct __sk_buff *skb) { return bpf_l4_csum_replace(skb, 40, 0x1234, 0xbeef, 2); }
SEC("tc") int l4_four_pseudo(struct __sk_buff *skb) { return bpf_l4_csum_replace(skb, 40, 0x0100000a, 0x0200000a, 4 | BPF_F_PSEUDO_HDR); }
SEC("tc") int l4_diff(struct __sk_buff *skb) { return bpf_l4_csum_replace(skb, 40, 0, 0x77ff, 0); }
SEC("tc") int l4_mangled(struct __sk_buff *skb) { return bpf_l4_csum_replace(skb, 40, 0x1234, 0xbeef, 2 | BPF_F_MARK_MANGLED_0); }
SEC("tc") int l4_far(struct __sk_buff *skb) { return bpf_l4_csum_replace(skb, 0x10000, 1, 2, 2); }

SEC("tc") int load_inside(struct __sk_buff *skb) { __u32 v = 7; long r = bpf_skb_load_bytes(skb, 26, &v, 4); return r ? r : v; }
SEC("tc") int load_past_end(struct __sk_buff *skb) { __u32 v = 7; long r = bpf_skb_load_bytes(skb, skb->len - 3, &v, 4); return (int)r * 16 + v; }
SEC("tc") int store_inside(struct __sk_buff *skb) { __u32 v = 0x01020304; return bpf_skb_store_bytes(skb, 30, &v, 4, 0); }
SEC("tc") int store_past_end(struct __sk_buff *skb) { __u32 v = 1; return bpf_skb_store_bytes(skb, skb->len - 3, &v, 4, 0); }
SEC("tc") int store_flags(struct __sk_buff *skb) { __u32 v = 1; return bpf_skb_store_bytes(skb, 0, &v, 4, 8); }
SEC("tc") int redirect_ingress(struct __sk_buff *skb) { return bpf_redirect(1, BPF_F_INGRESS); }
SEC("tc") int redirect_flags(struct __sk_buff *skb) { return bpf_redirect(1, 2); }
SEC("xdp") int xdp_redirect_flags(struct xdp_md *ctx) { return bpf_redirect(1, 1); }

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } list SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 100); __type(key, __u32); __type(value, __u64); } recent SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } each SEC(".maps");
struct prefix { __u32 length; __u8 address[4]; };
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 3); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, struct prefix); __type(value, __u32); } routes SEC(".maps");

static int put(void *map, __u32 key, __u64 value, __u64 flags) { return bpf_map_update_elem(map, &key, &value, flags); }
#define DIGIT(result) (result == 0 ? 0 : result == -2 ? 2 : result == -7 ? 7 : result == -17 ? 3 : result == -22 ? 4 : result == -28 ? 5 : 9)
#define THEN(call) do { int result = (call); answer = answer * 10 + DIGIT(result); } while (0)

SEC("xdp") int hash_flags(struct xdp_md *ctx)
{
	int answer = 0;
	__u32 one = 1;
	THEN(put(&table, 1, 10, BPF_EXIST));
	THEN(put(&table, 1, 10, BPF_NOEXIST));
	THEN(put(&table, 1, 11, BPF_NOEXIST));
	THEN(put(&table, 1, 12, BPF_EXIST));
	THEN(put(&table, 2, 20, BPF_ANY));
	THEN(put(&table, 3, 30, BPF_ANY));
	THEN(put(&table, 1, 13, 8));
	THEN(bpf_map_delete_elem(&table, &one));
	THEN(bpf_map_delete_elem(&table, &one));
	return answer;
}

SEC("xdp") int array_flags(struct xdp_md *ctx)
{
	int answer = 0;
	__u32 one = 1;
	THEN(put(&list, 1, 10, BPF_ANY));
	THEN(put(&list, 1, 11, BPF_NOEXIST));
	THEN(put(&list, 1, 12, BPF_EXIST));
	THEN(put(&list, 2, 13, BPF_ANY));
	THEN(put(&list, 2, 13, BPF_NOEXIST));
	THEN(put(&list, 0, 13, 8));
	THEN(bpf_map_delete_elem(&list, &one));
	return answer;
}

SEC("xdp") int lru_flags(struct xdp_md *ctx)
{
	int answer = 0;
	__u32 one = 1;
	THEN(put(&recent, 1, 10, BPF_EXIST));
	THEN(put(&recent, 1, 11, BPF_NOEXIST));
	THEN(put(&recent, 1, 12, BPF_NOEXIST));
	THEN(bpf_map_delete_elem(&recent, &one));
	return answer;
}

SEC("xdp") int percpu_value(struct xdp_md *ctx)
{
	__u32 zero = 0;
	int result = put(&each, 0, 41, BPF_ANY);
	__u64 *value = bpf_map_lookup_elem(&each, &zero);
	return value ? (int)*value + 1 + result : -1;
}

static int route(__u32 length, __u8 a, __u8 b, __u32 value, __u64 flags)
{
	struct prefix key = {length, {a, b, 0, 1}};
	return bpf_map_update_elem(&routes, &key, &value, flags);
}
static int find(__u32 length, __u8 a, __u8 b)
{
	struct prefix key = {length, {a, b, 3, 4}};
	__u32 *value = bpf_map_lookup_elem(&routes, &key);
	return value ? *value : 0;
}

SEC("xdp") int lpm_lookup(struct xdp_md *ctx)
{
	route(8, 10, 0, 1, 0);
	route(16, 10, 20, 2, 0);
	route(0, 0, 0, 3, 0);
	return find(32, 10, 20) * 10000 + find(32, 10, 99) * 1000 + find(32, 192, 168) * 100 + find(8, 10, 20) * 10 + find(4, 10, 20);
}

SEC("xdp") int lpm_flags(struct xdp_md *ctx)
{
	int answer = 0;
	struct prefix gone = {16, {10, 20, 9, 9}};
	THEN(route(33, 10, 0, 1, 0));
	THEN(route(8, 10, 0, 1, BPF_EXIST));
	THEN(route(8, 10, 0, 1, BPF_NOEXIST));
	THEN(route(8, 10, 5, 1, BPF_NOEXIST));
	THEN(route(16, 10, 20, 1, 0));
	THEN(route(24, 10, 20, 1, 0));
	THEN(route(32, 10, 20, 1, 0));
	THEN(route(16, 10, 20, 2, BPF_EXIST));
	THEN(bpf_map_delete_elem(&routes, &gone));
	THEN(bpf_map_delete_elem(&routes, &gone));
	return answer;
}

static long count_up(__u32 index, void *context) { *(__u32 *)context += index; return index == 40; }
SEC("xdp") int loop_stops(struct xdp_md *ctx) { __u32 sum = 0; long calls = bpf_loop(100, count_up, &sum, 0); return calls * 10000 + sum; }
SEC("xdp") int loop_all(struct xdp_md *ctx) { __u32 sum = 0; long calls = bpf_loop(30, count_up, &sum, 0); return calls * 10000 + sum; }
SEC("xdp") int loop_none(struct xdp_md *ctx) { __u32 sum = 5; long calls = bpf_loop(0, count_up, &sum, 0); return calls * 10000 + sum; }
SEC("xdp") int loop_many(struct xdp_md *ctx) { __u32 sum = 5; return bpf_loop(1 << 24, count_up, &sum, 0); }
SEC("xdp") int loop_flags(struct xdp_md *ctx) { __u32 sum = 5; return bpf_loop(1, count_up, &sum, 1); }

SEC("xdp") int printk_length(struct xdp_md *ctx) { return bpf_printk("%d %u %x %llx", -5, 7, 255, 1ull << 40); }
SEC("xdp") int printk_bad(struct xdp_md *ctx) { return bpf_printk("%y", 1); }

SEC("tc") int fields(struct __sk_buff *skb) { return skb->len + skb->protocol * 3 + skb->ifindex * 5 + skb->pkt_type * 7 + skb->vlan_present + skb->priority + skb->mark + skb->tc_index; }
SEC("tc") int narrow(struct __sk_buff *skb) { return *(volatile __u8 *)&skb->len + *(volatile __u16 *)&skb->protocol * 2 + *((volatile __u8 *)&skb->protocol + 1); }
SEC("tc") int write_mark(struct __sk_buff *skb) { skb->mark = 0x12345678; skb->cb[1] = 9; *(volatile __u8 *)&skb->cb[2] = 0xff; return *(volatile __u16 *)&skb->mark + skb->cb[1] + skb->cb[2]; }
SEC("xdp") int xdp_fields(struct xdp_md *ctx) { return ctx->ingress_ifindex * 100 + ctx->rx_queue_index * 10 + (ctx->data_meta == ctx->data); }
SEC("socket") int socket_fields(struct __sk_buff *skb) { return skb->len * 2 + skb->protocol; }
SEC("cgroup_skb/egress") int cgroup_fields(struct __sk_buff *skb) { void *data = (void *)(long)skb->data; if (data + 20 > (void *)(long)skb->data_end) return 0; return *(__u8 *)data == 0x45; }

char _license[] SEC("license") = "GPL";
