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
	enum level v0 = p[7] & 1 ? HIGH : MIDDLE;
	PRINT(b);
	PRINT(v0);
	PRINT(p[3]);
	b += a * p[16] ^ b;
	PRINT(sums[1]);
	return a * 31 + b;
}
static __attribute__((noinline, section("xdp"))) u64 called(const u8 *p, u32 a, s16 b)
{
	PRINT(sums[1]);
	PRINT(weights[1]);
	a = b * p[46] + 3910;
	PRINT(counted);
	b += 84 * p[59] + p[20];
	PRINT(b);
	for (u32 i1 = 0; i1 < 3; i1++) {
		s32 v2 = p[37] * p[18] + a;
		PRINT(sums[1]);
		s8 v3 = p[53] & p[51] ^ 1798;
		PRINT(v2);
		PRINT(v2);
	}
	PRINT(*p);
	return a * 31 + b;
}
__attribute__((section("xdp"))) int program(struct xdp_md *ctx)
{
	u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (p + 64 > end)
		return 1;
	PRINT(p[20]);
	if ((p[51] * p[13] + p[5]) & 4) {
		u32 v4 = p[15] * p[43] ^ p[3];
		PRINT(sums[1]);
		u64 v5 = v4 ^ p[10] + p[58];
		PRINT(v4);
		u32 v6 = p[36] - p[38] + 1848;
		PRINT(v4);
		v6 ^= 773 - p[36] ^ 710;
		PRINT(counted);
	}
	PRINT(weights[1]);
	counted += p[50] ^ p[19] ^ p[4]; sums[1] ^= p[28] - p[14] ^ p[20];
	PRINT(p[20]);
	u8 v7[5] = { p[53] & p[11] + 2499, 0, p[53] ^ p[38] ^ p[3] };
	KEEP(v7);
	PRINT(counted);
	for (u32 i8 = 0; i8 < 3; i8++) {
		counted += 4804 & p[42] ^ 710; sums[1] ^= p[9] + p[23] ^ p[36];
		PRINT(p[3]);
		PRINT(v7[4]);
		PRINT(v7[2]);
	}
	PRINT(counted);
	enum level v9 = p[44] & 1 ? HIGH : MIDDLE;
	PRINT(v7[0]);
	u64 v10 = inlined(p + 2, p[28] + p[44] + p[22], p[18] - p[57] + 354);
	s64 v11 = 421 | p[53] ^ v10;
	PRINT(counted);
	PRINT(*p);
	u64 v12 = called(p + 3, p[45] ^ p[17] + v10, p[51] * p[33] ^ p[50]);
	_Bool v13 = p[6] | p[26] ^ p[21];
	PRINT(v7[4]);
	if ((230 & p[15] + 4796) & 4) {
		PRINT(weights[1]);
		PRINT(*p);
		PRINT(v9);
		PRINT(v10);
	}
	PRINT(p[3]);
	return 2;
}
char _license[] __attribute__((section("license"))) = "GPL";
