typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
typedef signed char s8; typedef short s16; typedef int s32; typedef long long s64;
struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
static long (*print)(const char *format, u32 size, ...) = (void *)6;
enum level { LOW, MIDDLE = 3, HIGH = 200 };
struct inner { u8 a; u16 b; s32 c; };
struct outer { u64 first; struct inner in; u32 low : 3, middle : 12; s32 high : 7; union { u32 word; u8 bytes[4]; }; s16 list[3]; };
#define PRINT(e) ({ static const char format[] = #e " = %lld"; print(format, sizeof(format), (s64)(e)); })
#define KEEP(e) asm volatile("" : : "r"(&(e)) : "memory")
static u64 counted; static s16 sums[4] = { 1, -2, 3, -4 }; static const u32 weights[3] = { 7, 70000, 9 };
static inline __attribute__((always_inline)) u64 inlined(const u8 *p, u32 a, s16 b)
{
	PRINT(p[3]);
	s16 v0 = p[20] ^ p[10] ^ p[33];
	PRINT(p[20]);
	counted += b - p[55] + a; sums[1] ^= p[39] | p[17] ^ a;
	PRINT(*p);
	v0 += a ^ p[12] + 1323;
	PRINT(b);
	PRINT(a);
	return a * 31 + b;
}
static __attribute__((noinline, section("xdp"))) u64 called(const u8 *p, u32 a, s16 b)
{
	PRINT(b);
	s16 v1 = p[1] * p[42] ^ a;
	PRINT(v1);
	u8 v2[5] = { 1490 & p[44] + 2269, 0, p[34] | p[42] + p[27] };
	KEEP(v2);
	PRINT(v2[0]);
	v1 = a + p[18] ^ p[32];
	PRINT(v2[4]);
	PRINT(v2[0]);
	return a * 31 + b;
}
__attribute__((section("xdp"))) int program(struct xdp_md *ctx)
{
	u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (p + 64 > end)
		return 1;
	PRINT(counted);
	u8 v4 = p[32] | p[58] + p[40];
	PRINT(weights[1]);
	PRINT(*p);
	struct outer v5 = { .first = v4 | p[26] + p[46], .word = 373 ^ p[9] ^ p[22] };
	v5.in.b = v4 & p[49] ^ p[2];
	v5.in.c = 1746 - p[1] + p[23];
	v5.low = p[30] * p[28] + p[37];
	v5.high = v4 ^ p[42] + p[55];
	v5.list[1] = 1108 & p[46] ^ v4;
	v5.list[2] = p[39] ^ p[41] ^ p[29];
	KEEP(v5);
	PRINT(counted);
	v4 ^= p[26] * p[24] ^ v4;
	PRINT(v5.word);
	for (u32 i6 = 0; i6 < 3; i6++) {
		counted += p[44] & p[51] ^ p[25]; sums[1] ^= v4 - p[57] + 738;
		PRINT(v5.in.b);
		counted += v4 + p[50] + p[0]; sums[1] ^= p[41] | p[4] ^ 1103;
		PRINT(i6);
		v4 ^= p[16] | p[13] ^ 2340;
		PRINT(v5.word);
	}
	PRINT(v5.in.c);
	u64 v7 = inlined(p + 0, v4 + p[8] + v4, v4 & p[55] + 689);
	v7 += 1524 ^ p[45] ^ p[18];
	PRINT(sums[1]);
	PRINT(v5.middle);
	u64 v8 = called(p + 3, p[55] - p[17] + p[53], 3562 - p[34] ^ v7);
	if ((p[56] ^ p[50] ^ 2534) & 4) {
		u16 v9 = 4768 + p[21] + v7;
		PRINT(v5.first);
		v8 += v7 ^ p[21] ^ p[41];
		PRINT(v5.first);
		counted += p[2] & p[56] ^ p[43]; sums[1] ^= p[43] * p[45] + 2738;
		PRINT(v5.list[0]);
		struct outer *v10 = &v5;
		PRINT(v5.in.a);
	}
	PRINT(v5.high);
	PRINT(p[20]);
	return 2;
}
char _license[] __attribute__((section("license"))) = "GPL";
