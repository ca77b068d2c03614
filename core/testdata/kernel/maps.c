// Maps at their edges: each program notes what helpers answered, and what it found, in the array "seen". Built by
//   clang-19 -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -mcpu=v4 -c maps.c -o maps.clang-19-v4.o
// and the same with -mcpu=v1, and with clang-14 and -mcpu=v1 and v3.
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define NOTES 256
#define ZERO_SEED (1U << 6)
#define MAP(name, kind, entries, keytype, valuetype, ...) \
	struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, entries); __type(key, keytype); __type(value, valuetype); __VA_ARGS__ } name SEC(".maps")
#define NO_KEY(name, kind, entries, valuetype, ...) \
	struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, entries); __type(value, valuetype); __VA_ARGS__ } name SEC(".maps")
#define FLAGS(flags) __uint(map_flags, flags);

struct wide { __u32 a, b, c; };
struct odd { __u8 bytes[7]; };
struct prefix { __u32 length; __u8 address[4]; };
struct locked { __u32 before; struct bpf_spin_lock lock; __u64 after; };

MAP(seen, ARRAY, NOTES, __u32, __s64);
MAP(place, ARRAY, 1, __u32, __u32);
MAP(table, HASH, 8, __u32, __u64, FLAGS(ZERO_SEED));
MAP(loose, HASH, 4, __u32, __u64, FLAGS(ZERO_SEED | BPF_F_NO_PREALLOC));
MAP(wides, HASH, 64, struct wide, __u32, FLAGS(ZERO_SEED));
MAP(odds, HASH, 37, struct odd, __u32, FLAGS(ZERO_SEED));
MAP(each, PERCPU_HASH, 6, __u32, __u64, FLAGS(ZERO_SEED));
MAP(list, ARRAY, 5, __u32, __u64);
MAP(each_list, PERCPU_ARRAY, 3, __u32, __u64);
MAP(recent, LRU_HASH, 16, __u32, __u64, FLAGS(ZERO_SEED));
MAP(recent_many, LRU_HASH, 1024, __u32, __u64, FLAGS(ZERO_SEED));
MAP(recent_own, LRU_HASH, 16, __u32, __u64, FLAGS(ZERO_SEED | BPF_F_NO_COMMON_LRU));
MAP(recent_each, LRU_PERCPU_HASH, 12, __u32, __u64, FLAGS(ZERO_SEED));
MAP(routes, LPM_TRIE, 8, struct prefix, __u32, FLAGS(BPF_F_NO_PREALLOC));
NO_KEY(line, QUEUE, 4, __u32);
NO_KEY(pile, STACK, 4, __u32);
NO_KEY(bloom, BLOOM_FILTER, 8, __u32, FLAGS(ZERO_SEED));
NO_KEY(bloom_three, BLOOM_FILTER, 100, struct wide, FLAGS(ZERO_SEED) __uint(map_extra, 3););
NO_KEY(bloom_odd, BLOOM_FILTER, 20, struct odd, FLAGS(ZERO_SEED) __uint(map_extra, 1););
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
MAP(devices, DEVMAP, 4, __u32, __u32);
MAP(devices_hash, DEVMAP_HASH, 4, __u32, __u32);
MAP(cpus, CPUMAP, 4, __u32, __u32);
MAP(sockets, XSKMAP, 4, __u32, __u32);
MAP(locks, HASH, 4, __u32, struct locked, FLAGS(ZERO_SEED));
MAP(lock_list, ARRAY, 2, __u32, struct locked);
MAP(tiny, HASH, 2, __u32, __u64);

struct inner_type { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } inner_a SEC(".maps"), inner_b SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4); __type(key, __u32); __array(values, struct inner_type); } outer SEC(".maps") = {
	.values = {[0] = &inner_a, [2] = &inner_b, [3] = &inner_a},
};
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __type(key, __u32); __array(values, struct inner_type); } outer_hash SEC(".maps") = {
	.values = {[1] = &inner_b},
};

static __attribute__((noinline)) void note(__s64 value)
{
	__u32 zero = 0;
	__u32 *at = bpf_map_lookup_elem(&place, &zero);
	if (!at) return;
	__u32 index = *at;
	bpf_map_update_elem(&seen, &index, &value, 0);
	*at = index + 1;
}

static __always_inline long put(void *map, __u32 key, __u64 value, __u64 flags) { return bpf_map_update_elem(map, &key, &value, flags); }
static __always_inline long drop(void *map, __u32 key) { return bpf_map_delete_elem(map, &key); }
static __always_inline __s64 get(void *map, __u32 key)
{
	__u64 *value = bpf_map_lookup_elem(map, &key);
	return value ? (__s64)*value : -1;
}

/* What a callback sees, in order; some stop after that many. */
int left;
static long see(void *map, __u32 *key, __u64 *value, void *context) { note((__s64)*key << 32 | (__u32)*value); return 0; }
static long see_three(void *map, __u32 *key, __u64 *value, void *context) { note((__s64)*key << 32 | (__u32)*value); left -= 1; return left == 0; }
static long see_wide(void *map, struct wide *key, __u32 *value, void *context) { note((__s64)key->a << 32 | *value); return 0; }
static long see_odd(void *map, struct odd *key, __u32 *value, void *context) { note((__s64)key->bytes[0] << 32 | *value); return 0; }
#define SEE(map) note(bpf_for_each_map_elem(&map, see, 0, 0))

SEC("xdp") int hash_order(struct xdp_md *ctx)
{
	for (int i = 0; i < 8; i++) note(put(&table, i * 7, i, BPF_ANY));
	note(put(&table, 100, 1, BPF_ANY));
	SEE(table);
	return 0;
}

SEC("xdp") int hash_update_moves(struct xdp_md *ctx)
{
	for (int i = 0; i < 8; i++) put(&table, i, i, BPF_ANY);
	for (int i = 0; i < 8; i += 2) note(put(&table, i, 100 + i, BPF_EXIST));
	drop(&table, 3);
	put(&table, 3, 33, BPF_NOEXIST);
	SEE(table);
	return 0;
}

SEC("xdp") int hash_flags(struct xdp_md *ctx)
{
	note(put(&table, 1, 1, BPF_EXIST));
	note(put(&table, 1, 1, BPF_NOEXIST));
	note(put(&table, 1, 2, BPF_NOEXIST));
	note(put(&table, 1, 3, 3));
	note(put(&table, 1, 3, BPF_F_LOCK));
	note(put(&table, 1, 3, 8));
	note(put(&table, 1, 4, BPF_EXIST));
	note(get(&table, 1));
	note(drop(&table, 1));
	note(drop(&table, 1));
	return 0;
}

SEC("xdp") int hash_old_value(struct xdp_md *ctx)
{
	__u32 key = 5;
	put(&table, 5, 50, 0);
	__u64 *old = bpf_map_lookup_elem(&table, &key);
	if (!old) return 1;
	put(&table, 5, 51, 0);
	note(*old);
	note(get(&table, 5));
	put(&table, 6, 60, 0);
	note(*old);
	put(&table, 5, 52, 0);
	note(*old);
	drop(&table, 5);
	note(*old);
	put(&table, 7, 70, 0);
	note(*old);
	return 0;
}

SEC("xdp") int hash_loose(struct xdp_md *ctx)
{
	for (int i = 0; i < 6; i++) note(put(&loose, i, i, BPF_ANY));
	note(put(&loose, 2, 22, BPF_ANY));
	note(drop(&loose, 1));
	note(put(&loose, 9, 9, BPF_ANY));
	note(put(&loose, 10, 9, BPF_ANY));
	SEE(loose);
	return 0;
}

SEC("xdp") int hash_wide(struct xdp_md *ctx)
{
	for (int i = 0; i < 20; i++) { struct wide key = {i, i * i, 7}; __u32 value = i; bpf_map_update_elem(&wides, &key, &value, 0); }
	note(bpf_for_each_map_elem(&wides, see_wide, 0, 0));
	return 0;
}

SEC("xdp") int hash_odd(struct xdp_md *ctx)
{
	for (int i = 0; i < 20; i++) { struct odd key = {{i, 1, 2, 3, i, 5, 6}}; __u32 value = i; bpf_map_update_elem(&odds, &key, &value, 0); }
	note(bpf_for_each_map_elem(&odds, see_odd, 0, 0));
	return 0;
}

/* Deleting while walking: this one, all, and one that was just put in. */
static long forget(void *map, __u32 *key, __u64 *value, void *context) { note(*key); note(drop(&table, *key)); return 0; }
static long forget_next(void *map, __u32 *key, __u64 *value, void *context) { note(*key); for (int i = 0; i < 8; i++) if (i != *key) drop(&table, i); return 0; }
static long again(void *map, __u32 *key, __u64 *value, void *context) { note(*key); put(&table, *key, *value + 1, 0); left -= 1; return left <= 0; }
SEC("xdp") int each_deletes(struct xdp_md *ctx)
{
	for (int i = 0; i < 8; i++) put(&table, i, i, 0);
	note(bpf_for_each_map_elem(&table, forget, 0, 0));
	SEE(table);
	return 0;
}
SEC("xdp") int each_deletes_others(struct xdp_md *ctx)
{
	for (int i = 0; i < 8; i++) put(&table, i, i, 0);
	note(bpf_for_each_map_elem(&table, forget_next, 0, 0));
	SEE(table);
	return 0;
}
SEC("xdp") int each_updates(struct xdp_md *ctx)
{
	left = 20;
	for (int i = 0; i < 8; i++) put(&table, i, i, 0);
	note(bpf_for_each_map_elem(&table, again, 0, 0));
	SEE(table);
	return 0;
}
SEC("xdp") int each_stops(struct xdp_md *ctx)
{
	left = 3;
	for (int i = 0; i < 8; i++) put(&table, i, i, 0);
	note(bpf_for_each_map_elem(&table, see_three, 0, 0));
	note(bpf_for_each_map_elem(&table, see_three, 0, 1));
	return 0;
}
SEC("xdp") int each_empty(struct xdp_md *ctx) { SEE(table); SEE(list); SEE(each_list); SEE(recent); return 0; }
static long see_inside(void *map, __u32 *key, __u64 *value, void *context) { note(-(__s64)*key - 1); bpf_for_each_map_elem(&list, see, 0, 0); note(*key); return 0; }
SEC("xdp") int each_nested(struct xdp_md *ctx)
{
	for (int i = 0; i < 5; i++) put(&list, i, i * 11, 0);
	note(bpf_for_each_map_elem(&list, see_inside, 0, 0));
	return 0;
}

SEC("xdp") int percpu(struct xdp_md *ctx)
{
	__u32 key = 3;
	for (int i = 0; i < 7; i++) note(put(&each, i, i + 40, 0));
	__u64 *value = bpf_map_lookup_elem(&each, &key);
	if (!value) return 1;
	note(put(&each, 3, 99, BPF_EXIST));
	note(*value);
	value = bpf_map_lookup_percpu_elem(&each, &key, 0);
	note(value ? *value : -1);
	value = bpf_map_lookup_percpu_elem(&each, &key, 1);
	note(value ? *value : -1);
	value = bpf_map_lookup_percpu_elem(&each, &key, 2);
	note(value ? *value : -1);
	note(put(&each, 3, 1, BPF_NOEXIST));
	note(put(&each, 3, 1, BPF_F_LOCK));
	SEE(each);
	note(drop(&each, 3));
	note(put(&each, 3, 5, 0));
	return 0;
}
SEC("xdp") int percpu_array(struct xdp_md *ctx)
{
	__u32 key = 2;
	note(put(&each_list, 2, 7, 0));
	note(put(&each_list, 3, 7, 0));
	note(put(&each_list, 2, 7, BPF_NOEXIST));
	note(put(&each_list, 2, 7, BPF_F_LOCK));
	note(drop(&each_list, 2));
	__u64 *value = bpf_map_lookup_percpu_elem(&each_list, &key, 1);
	note(value ? *value : -1);
	SEE(each_list);
	return 0;
}
SEC("xdp") int array_edges(struct xdp_md *ctx)
{
	note(put(&list, 4, 1, BPF_EXIST));
	note(put(&list, 5, 1, BPF_ANY));
	note(put(&list, 5, 1, 8));
	note(put(&list, 1, 1, BPF_F_LOCK));
	note(put(&list, 1, 1, BPF_NOEXIST | BPF_F_LOCK));
	note(put(&list, 1, 1, 3));
	note(drop(&list, 1));
	note(get(&list, 5));
	SEE(list);
	return 0;
}

SEC("xdp") int lru_small(struct xdp_md *ctx)
{
	for (int i = 0; i < 24; i++) note(put(&recent, i, i, 0));
	SEE(recent);
	return 0;
}
SEC("xdp") int lru_used(struct xdp_md *ctx)
{
	for (int i = 0; i < 16; i++) put(&recent, i, i, 0);
	for (int i = 0; i < 16; i += 3) note(get(&recent, i));
	for (int i = 20; i < 30; i++) { put(&recent, i, i, 0); note(get(&recent, 20)); }
	for (int i = 0; i < 30; i += 4) note(drop(&recent, i));
	for (int i = 40; i < 50; i++) put(&recent, i, i, 0);
	SEE(recent);
	return 0;
}
SEC("xdp") int lru_flags(struct xdp_md *ctx)
{
	for (int i = 0; i < 16; i++) put(&recent, i, i, 0);
	for (int i = 0; i < 6; i++) note(put(&recent, i, i, BPF_NOEXIST));
	for (int i = 10; i < 20; i++) note(put(&recent, i, i * 2, BPF_EXIST));
	note(put(&recent, 1, 1, BPF_F_LOCK));
	note(put(&recent, 1, 1, 3));
	SEE(recent);
	return 0;
}
static long fill_many(__u32 index, void *context) { __u32 key = index * 3; put(&recent_many, key, index, 0); if (index % 5 == 0) get(&recent_many, key / 2); return 0; }
SEC("xdp") int lru_many(struct xdp_md *ctx)
{
	bpf_loop(1500, fill_many, 0, 0);
	for (int i = 0; i < 200; i++) note(get(&recent_many, i * 23));
	return 0;
}
SEC("xdp") int lru_own(struct xdp_md *ctx)
{
	for (int i = 0; i < 12; i++) note(put(&recent_own, i, i, 0));
	for (int i = 4; i < 12; i += 2) note(get(&recent_own, i));
	for (int i = 20; i < 26; i++) note(put(&recent_own, i, i, 0));
	drop(&recent_own, 24);
	for (int i = 30; i < 33; i++) note(put(&recent_own, i, i, BPF_NOEXIST));
	SEE(recent_own);
	return 0;
}
SEC("xdp") int lru_percpu(struct xdp_md *ctx)
{
	__u32 key = 14;
	for (int i = 0; i < 16; i++) note(put(&recent_each, i, i, 0));
	note(put(&recent_each, 14, 5, BPF_NOEXIST));
	note(put(&recent_each, 14, 5, BPF_EXIST));
	note(put(&recent_each, 99, 5, BPF_EXIST));
	__u64 *value = bpf_map_lookup_percpu_elem(&recent_each, &key, 1);
	note(value ? *value : -1);
	for (int i = 20; i < 28; i++) note(put(&recent_each, i, i, 0));
	SEE(recent_each);
	return 0;
}

static __always_inline long route(__u32 length, __u8 a, __u8 b, __u8 c, __u32 value, __u64 flags)
{
	struct prefix key = {length, {a, b, c, 1}};
	return bpf_map_update_elem(&routes, &key, &value, flags);
}
static __always_inline __s64 find(__u32 length, __u8 a, __u8 b, __u8 c)
{
	struct prefix key = {length, {a, b, c, 1}};
	__u32 *value = bpf_map_lookup_elem(&routes, &key);
	return value ? *value : -1;
}
SEC("xdp") int lpm(struct xdp_md *ctx)
{
	note(route(16, 10, 20, 1, 1, 0));
	note(route(8, 10, 99, 1, 2, 0));
	note(route(24, 10, 20, 30, 3, 0));
	note(route(32, 192, 168, 1, 4, 0));
	note(route(31, 192, 168, 1, 5, 0));
	note(route(0, 1, 2, 3, 6, 0));
	note(route(12, 172, 16, 1, 7, 0));
	note(route(16, 10, 20, 77, 8, BPF_EXIST));
	note(route(16, 10, 20, 78, 9, BPF_NOEXIST));
	note(route(9, 10, 200, 78, 10, BPF_NOEXIST));
	note(route(11, 10, 200, 78, 11, 0));
	note(route(11, 10, 200, 78, 11, BPF_EXIST));
	note(route(33, 10, 200, 78, 11, 0));
	note(route(3, 10, 200, 78, 11, BPF_F_LOCK));
	note(find(32, 10, 20, 30)); note(find(24, 10, 20, 31)); note(find(16, 10, 20, 30)); note(find(15, 10, 20, 30));
	note(find(7, 10, 20, 30)); note(find(32, 192, 168, 1)); note(find(33, 192, 168, 1)); note(find(200, 10, 0, 0));
	struct prefix gone = {16, {10, 20, 5, 5}};
	note(bpf_map_delete_elem(&routes, &gone));
	note(bpf_map_delete_elem(&routes, &gone));
	gone.length = 40;
	note(bpf_map_delete_elem(&routes, &gone));
	note(find(32, 10, 20, 31));
	return 0;
}

static __always_inline long push(void *map, __u32 value, __u64 flags) { return bpf_map_push_elem(map, &value, flags); }
#define TAKE(map, how) do { __u32 value = 77; note(bpf_map_##how##_elem(&map, &value)); note(value); } while (0)
#define ENDS(name, map) \
	SEC("xdp") int name(struct xdp_md *ctx) \
	{ \
		TAKE(map, peek); TAKE(map, pop); \
		for (int i = 1; i < 6; i++) note(push(&map, i, 0)); \
		TAKE(map, peek); TAKE(map, pop); \
		note(push(&map, 10, BPF_EXIST)); note(push(&map, 11, BPF_EXIST)); note(push(&map, 12, BPF_EXIST)); \
		note(push(&map, 13, BPF_NOEXIST)); note(push(&map, 13, 3)); note(push(&map, 13, BPF_F_LOCK)); \
		for (int i = 0; i < 5; i++) TAKE(map, pop); \
		note(push(&map, 20, BPF_EXIST)); TAKE(map, peek); \
		return 0; \
	}
ENDS(queue, line)
ENDS(stack, pile)

static long ask(__u32 index, void *context) { __u32 value = index; long found = bpf_map_peek_elem(&bloom, &value); if (found != -2) note((__s64)index << 32 | (__u32)found); return 0; }
SEC("xdp") int bloom_false(struct xdp_md *ctx)
{
	for (int i = 0; i < 12; i++) { __u32 value = i * 1000003; note(bpf_map_push_elem(&bloom, &value, 0)); }
	__u32 value = 1;
	note(bpf_map_push_elem(&bloom, &value, BPF_NOEXIST));
	note(bpf_map_push_elem(&bloom, &value, BPF_EXIST));
	bpf_loop(2000, ask, 0, 0);
	return 0;
}
static long ask_three(__u32 index, void *context) { struct wide value = {index, index, 1}; long found = bpf_map_peek_elem(&bloom_three, &value); if (found != -2) note((__s64)index << 32 | (__u32)found); return 0; }
SEC("xdp") int bloom_wide(struct xdp_md *ctx)
{
	for (int i = 0; i < 150; i++) { struct wide value = {i * 3, i * 3, 1}; bpf_map_push_elem(&bloom_three, &value, 0); }
	bpf_loop(600, ask_three, 0, 0);
	return 0;
}
static long ask_odd(__u32 index, void *context) { struct odd value = {{index, index >> 8, 1, 2, 3, 4, 5}}; long found = bpf_map_peek_elem(&bloom_odd, &value); if (found != -2) note((__s64)index << 32 | (__u32)found); return 0; }
SEC("xdp") int bloom_bytes(struct xdp_md *ctx)
{
	for (int i = 0; i < 15; i++) { struct odd value = {{i * 9, 0, 1, 2, 3, 4, 5}}; bpf_map_push_elem(&bloom_odd, &value, 0); }
	bpf_loop(600, ask_odd, 0, 0);
	return 0;
}

static __always_inline void positions(void) { for (int i = 0; i < 5; i++) note(bpf_ringbuf_query(&ring, i)); }
SEC("xdp") int ringbuf(struct xdp_md *ctx)
{
	__u64 data[4] = {1, 2, 3, 4};
	positions();
	note(bpf_ringbuf_output(&ring, data, 1, 0));
	note(bpf_ringbuf_output(&ring, data, 32, BPF_RB_NO_WAKEUP));
	note(bpf_ringbuf_output(&ring, data, 8, BPF_RB_FORCE_WAKEUP));
	note(bpf_ringbuf_output(&ring, data, 8, 4));
	positions();
	__u64 *a = bpf_ringbuf_reserve(&ring, 24, 0);
	if (!a) return 1;
	a[0] = 9;
	__u64 *b = bpf_ringbuf_reserve(&ring, 16, 0);
	if (!b) { bpf_ringbuf_discard(a, 0); return 2; }
	b[1] = 5;
	positions();
	bpf_ringbuf_submit(b, BPF_RB_NO_WAKEUP);
	bpf_ringbuf_discard(a, BPF_RB_NO_WAKEUP);
	positions();
	__u64 *c = bpf_ringbuf_reserve(&ring, 8, 1);
	note(c != 0);
	if (c) bpf_ringbuf_discard(c, 0);
	c = bpf_ringbuf_reserve(&ring, 4096, 0);
	note(c != 0);
	if (c) bpf_ringbuf_discard(c, 0);
	return 0;
}
static long fill_ring(__u32 index, __u32 *fits) { __u64 data[7] = {index}; if (bpf_ringbuf_output(&ring, data, 56, BPF_RB_NO_WAKEUP) == 0) *fits += 1; return 0; }
SEC("xdp") int ringbuf_full(struct xdp_md *ctx)
{
	__u32 fits = 0;
	__u64 data[7] = {};
	bpf_loop(100, fill_ring, &fits, 0);
	note(fits);
	note(bpf_ringbuf_output(&ring, data, 48, 0));
	note(bpf_ringbuf_output(&ring, data, 49, 0));
	note(bpf_ringbuf_output(&ring, data, 8, 0));
	note(bpf_ringbuf_output(&ring, data, 1, 0));
	positions();
	return 0;
}
SEC("xdp") int ringbuf_biggest(struct xdp_md *ctx)
{
	__u64 *a = bpf_ringbuf_reserve(&ring, 4088, 0);
	note(a != 0);
	if (a) bpf_ringbuf_discard(a, 0);
	a = bpf_ringbuf_reserve(&ring, 4080, 0);
	note(a != 0);
	if (a) bpf_ringbuf_discard(a, 0);
	positions();
	return 0;
}

SEC("xdp") int redirects_missing(struct xdp_md *ctx)
{
	for (__u64 flags = 0; flags < 5; flags++) {
		note(bpf_redirect_map(&devices, 1, flags));
		note(bpf_redirect_map(&devices_hash, 1, flags));
		note(bpf_redirect_map(&cpus, 3, flags));
		note(bpf_redirect_map(&sockets, 1, flags));
	}
	note(bpf_redirect_map(&devices, 9, 2));
	note(bpf_redirect_map(&devices, 1, BPF_F_BROADCAST));
	note(bpf_redirect_map(&devices, 1, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS | 1));
	note(bpf_redirect_map(&devices, 1, BPF_F_EXCLUDE_INGRESS | 1));
	note(bpf_redirect_map(&devices_hash, 1, BPF_F_BROADCAST));
	note(bpf_redirect_map(&cpus, 1, BPF_F_BROADCAST));
	return bpf_redirect_map(&devices, 1, XDP_TX);
}
SEC("xdp") int redirects(struct xdp_md *ctx)
{
	__u32 key = 2;
	note(bpf_redirect_map(&devices, 2, XDP_DROP));
	note(bpf_redirect_map(&devices, 0x100000002ULL, XDP_DROP));
	note(bpf_redirect_map(&devices_hash, 70000, XDP_DROP));
	note(bpf_redirect_map(&cpus, 1, 0));
	__u32 *value = bpf_map_lookup_elem(&devices, &key);
	note(value ? *value : -1);
	key = 1;
	value = bpf_map_lookup_elem(&devices, &key);
	note(value ? *value : -1);
	key = 70000;
	value = bpf_map_lookup_elem(&devices_hash, &key);
	note(value ? *value : -1);
	return bpf_redirect_map(&devices, 2, 0);
}

SEC("xdp") int maps_in_maps(struct xdp_md *ctx)
{
	for (int i = 0; i < 5; i++) {
		__u32 key = i;
		void *inner = bpf_map_lookup_elem(&outer, &key);
		note(inner != 0);
		if (!inner) continue;
		note(put(inner, 0, 100 + i, 0));
		note(put(inner, 1, get(inner, 1) + 1, 0));
		note(put(inner, 2, 1, 0));
		note(get(inner, 0));
		note(get(inner, 2));
	}
	for (int i = 0; i < 3; i++) {
		__u32 key = i;
		void *inner = bpf_map_lookup_elem(&outer_hash, &key);
		note(inner != 0);
		if (inner) note(get(inner, 0));
	}
	return 0;
}

SEC("tc") int spin(struct __sk_buff *skb)
{
	__u32 key = 1;
	struct locked value = {.before = 7, .after = 8};
	note(bpf_map_update_elem(&locks, &key, &value, BPF_F_LOCK));
	value.before = 9;
	note(bpf_map_update_elem(&locks, &key, &value, BPF_F_LOCK | BPF_NOEXIST));
	struct locked *found = bpf_map_lookup_elem(&locks, &key);
	if (!found) return 1;
	note(bpf_map_update_elem(&locks, &key, &value, BPF_F_LOCK | BPF_EXIST));
	note(found->before);
	bpf_spin_lock(&found->lock);
	found->before += 1;
	found->after += 1;
	bpf_spin_unlock(&found->lock);
	value.after = 80;
	note(bpf_map_update_elem(&locks, &key, &value, BPF_ANY));
	note(found->before);
	note(bpf_map_update_elem(&lock_list, &key, &value, BPF_F_LOCK));
	note(bpf_map_update_elem(&lock_list, &key, &value, BPF_F_LOCK | BPF_NOEXIST));
	return 0;
}

MAP(events, PERF_EVENT_ARRAY, 4, __u32, __u32);
#define PERF(name, section, type) \
	SEC(section) int name(struct type *ctx) \
	{ \
		__u64 data[3] = {0x1122334455667788, 2, 3}; \
		note(bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, data, 20)); \
		note(bpf_perf_event_output(ctx, &events, 0, data, 12)); \
		note(bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | 34ULL << 32, data, 8)); \
		note(bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | 0xfffffULL << 32, data, 8)); \
		note(bpf_perf_event_output(ctx, &events, 1ULL << 52, data, 8)); \
		note(bpf_perf_event_output(ctx, &events, 3, data, 8)); \
		note(bpf_perf_event_output(ctx, &events, 4, data, 8)); \
		return 0; \
	}
PERF(perf_xdp, "xdp", xdp_md)
PERF(perf_tc, "tc", __sk_buff)
PERF(perf_events, "xdp", xdp_md)
PERF(perf_events_tc, "tc", __sk_buff)

struct { __uint(type, BPF_MAP_TYPE_CGROUP_STORAGE); __type(key, struct bpf_cgroup_storage_key); __type(value, __u64); } group SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE); __type(key, __u64); __type(value, __u64); } group_each SEC(".maps");
SEC("cgroup_skb/egress") int storage(struct __sk_buff *skb)
{
	__u64 *value = bpf_get_local_storage(&group, 0), *mine = bpf_get_local_storage(&group_each, 0);
	note(*value); note(*mine);
	*value += 5; *mine += 6;
	value = bpf_get_local_storage(&group, 0);
	mine = bpf_get_local_storage(&group_each, 0);
	note(*value); note(*mine);
	return 1;
}

static long count_many(void *map, __u32 *key, __u64 *value, __u64 *sum) { *sum = *sum * 31 + *key + *value; return 0; }
SEC("xdp") int each_many(struct xdp_md *ctx)
{
	__u64 sum = 0;
	bpf_loop(900, fill_many, 0, 0);
	note(bpf_for_each_map_elem(&recent_many, count_many, &sum, 0));
	note(sum);
	return 0;
}

struct timed { __u64 count; struct bpf_timer timer; };
MAP(timed_list, ARRAY, 2, __u32, struct timed);
MAP(timed_table, HASH, 4, __u32, struct timed, FLAGS(ZERO_SEED));
#define MS 1000000ULL
static int fires(void *map, __u32 *key, struct timed *value)
{
	note(1000 + *key);
	note(bpf_timer_cancel(&value->timer));
	value->count += 1;
	if (value->count < 3) note(bpf_timer_start(&value->timer, MS, 0));
	return 0;
}
static int fires_rarely(void *map, __u32 *key, struct timed *value) { note(2000 + *key); return 0; }
SEC("xdp") int timer_codes(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct timed *value = bpf_map_lookup_elem(&timed_list, &key), fresh = {.count = 5};
	if (!value) return 1;
	note(bpf_timer_start(&value->timer, MS, 0));
	note(bpf_timer_cancel(&value->timer));
	note(bpf_timer_init(&value->timer, &timed_list, 5));
	note(bpf_timer_init(&value->timer, &timed_list, 1));
	note(bpf_timer_init(&value->timer, &timed_list, 1));
	note(bpf_timer_start(&value->timer, MS, 0));
	note(bpf_timer_cancel(&value->timer));
	note(bpf_timer_set_callback(&value->timer, fires));
	note(bpf_timer_start(&value->timer, 1000000 * MS, 8));
	note(bpf_timer_start(&value->timer, 1000000 * MS, 0));
	note(bpf_timer_start(&value->timer, 2000000 * MS, 0));
	note(bpf_timer_cancel(&value->timer));
	note(bpf_timer_cancel(&value->timer));
	note(bpf_timer_start(&value->timer, 1000000 * MS, 0));
	note(bpf_map_update_elem(&timed_list, &key, &fresh, 0));
	note(value->count);
	note(bpf_timer_set_callback(&value->timer, fires));
	note(bpf_timer_init(&value->timer, &timed_list, 0));
	return 0;
}
static __always_inline void arm(void *map, __u32 key, __u64 ns, int (*callback)(void *, __u32 *, struct timed *))
{
	struct timed *value = bpf_map_lookup_elem(map, &key);
	if (!value) return;
	if (map == &timed_list) bpf_timer_init(&value->timer, &timed_list, 1);
	else bpf_timer_init(&value->timer, &timed_table, 1);
	bpf_timer_set_callback(&value->timer, callback);
	note(bpf_timer_start(&value->timer, ns, 0));
}
SEC("xdp") int timers_fire(struct xdp_md *ctx)
{
	struct timed fresh = {};
	__u32 key = 7;
	bpf_map_update_elem(&timed_table, &key, &fresh, 0);
	key = 9;
	bpf_map_update_elem(&timed_table, &key, &fresh, 0);
	key = 8;
	bpf_map_update_elem(&timed_table, &key, &fresh, 0);
	arm(&timed_table, 8, 30 * MS, fires_rarely);
	note(drop(&timed_table, 8));
	note(bpf_map_update_elem(&timed_table, &key, &fresh, 0));
	arm(&timed_list, 0, 40 * MS, fires_rarely);
	key = 0;
	note(bpf_map_update_elem(&timed_list, &key, &fresh, 0));
	arm(&timed_list, 1, 60 * MS, fires);
	arm(&timed_table, 7, 20 * MS, fires);
	arm(&timed_table, 9, 50 * MS, fires_rarely);
	return 2;
}

/* Run several times on the same maps. */
SEC("xdp") int counts(struct xdp_md *ctx)
{
	__u64 seen_before = get(&table, 1);
	note(seen_before);
	put(&table, 1, seen_before + 1, 0);
	note(push(&line, seen_before, 0));
	note(bpf_ringbuf_output(&ring, &seen_before, 8, 0));
	note(put(&recent_own, seen_before * 5, seen_before, 0));
	return 0;
}

char _license[] SEC("license") = "GPL";
