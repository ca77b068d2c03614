// Maps with keys and values of every kind of type, for comparison with `bpftool map dump`. Built by
//   clang-19 -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -c dumps.c -o dumps.o
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum color { RED, GREEN = 5, BLUE = -3 };
enum big : __u64 { SMALL, HUGE = 0x123456789abcULL };
typedef struct { __u16 x; __s16 y; } point;
union either { __u32 number; __u8 bytes[4]; };
struct everything {
	char letter;
	unsigned char octet;
	signed char small;
	_Bool yes;
	short s;
	__u16 us;
	int i;
	__u32 u;
	long long l;
	__u64 ul;
	enum color color, unknown;
	enum big big;
	char text[8], control[4], full[4];
	__u8 octets[3];
	point places[2];
	union either either;
	struct { __u32 a : 3, b : 13; __s32 c : 5; __u64 d : 40; };
	const volatile int qualified;
	void *nowhere;
	point *somewhere;
	__u32 matrix[2][2];
	__u32 none[0];
};
struct key { __u8 tag; __u32 number; };
struct prefix { __u32 length; __u8 address[4]; };

#define MAP(name, kind, entries, keytype, valuetype, ...) \
	struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, entries); __type(key, keytype); __type(value, valuetype); __VA_ARGS__ } name SEC(".maps")
#define ZERO_SEED __uint(map_flags, 1U << 6);
MAP(things, HASH, 4, struct key, struct everything, ZERO_SEED);
MAP(plain, HASH, 8, __u32, __u64, ZERO_SEED);
MAP(signs, ARRAY, 3, __u32, __s64);
MAP(each, PERCPU_HASH, 4, __u32, point, ZERO_SEED);
MAP(each_list, PERCPU_ARRAY, 2, __u32, __u32);
MAP(recent, LRU_HASH, 4, __u64, enum color, ZERO_SEED);
MAP(routes, LPM_TRIE, 4, struct prefix, __u32, __uint(map_flags, BPF_F_NO_PREALLOC););
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 2); __uint(key_size, 3); __uint(value_size, 5); ZERO_SEED } untyped SEC(".maps");

int counter = 7;
static volatile __u64 wide = 0xfedcba9876543210ULL;
const volatile char name[6] = "eth0";
point origin[2] = {{1, -1}, {2, -2}};
struct everything zero;

#define PUT_PLAIN(i) { __u64 v = (__u64)i << 62 | i; __u32 k = i * 1000; bpf_map_update_elem(&plain, &k, &v, 0); }
#define PUT_SIGN(i) { __u32 k = i; __s64 v = -i; bpf_map_update_elem(&signs, &k, &v, 0); }
#define PUT_EACH(i) { __u32 k = i, n = i + 9; point v = {i + 1, -i}; bpf_map_update_elem(&each, &k, &v, 0); bpf_map_update_elem(&each_list, &k, &n, 0); }
#define PUT_RECENT(i) { __u64 k = i; enum color v = i; bpf_map_update_elem(&recent, &k, &v, 0); }
#define PUT_ROUTE(i) { __u32 n = i; struct prefix k = {i, {10, i, 3, 4}}; bpf_map_update_elem(&routes, &k, &n, 0); }

SEC("xdp") int fill(struct xdp_md *ctx)
{
	static const struct everything value = {
		.letter = 'a', .octet = 200, .small = -5, .yes = 1, .s = -300, .us = 60000, .i = -70000, .u = 4000000000U,
		.l = -9007199254740993LL, .ul = 18446744073709551615ULL, .color = BLUE, .unknown = 77, .big = HUGE,
		.text = "hi\"/", .control = "\x01z", .full = {'f', 'u', 'l', 'l'}, .octets = {1, 2, 255},
		.places = {{1, -1}, {65535, -32768}}, .either = {.number = 0x01020304}, .a = 5, .b = 4097, .c = -9, .d = 0xabcdef0123ULL,
		.qualified = 3, .somewhere = (void *)0x1234, .matrix = {{1, 2}, {3, 4}},
	};
	struct key key = {.tag = 1, .number = 0x01020304};
	struct everything copy = value;
	bpf_map_update_elem(&things, &key, &copy, 0);
	PUT_PLAIN(0) PUT_PLAIN(1) PUT_PLAIN(2) PUT_PLAIN(3) PUT_PLAIN(4)
	PUT_SIGN(0) PUT_SIGN(1) PUT_SIGN(2)
	PUT_EACH(0) PUT_EACH(1)
	PUT_RECENT(3) PUT_RECENT(4) PUT_RECENT(5)
	PUT_ROUTE(8) PUT_ROUTE(9) PUT_ROUTE(10)
	char k[3] = {1, 2, 3}, v[5] = {9, 8, 7, 6, 5};
	bpf_map_update_elem(&untyped, k, v, 0);
	counter += 1;
	wide += 1;
	return name[0] + origin[1].x + zero.s;
}

char _license[] SEC("license") = "GPL";
