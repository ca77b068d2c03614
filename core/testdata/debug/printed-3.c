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
	char v0 = 4085 + p[28] ^ a;
	PRINT(p[3]);
	PRINT(p[3]);
	if ((v0 + p[55] + b) & 4) {
		PRINT(p[3]);
		u32 v1 = p[25] | p[35] + a;
		PRINT(b);
		PRINT(v1);
		PRINT(p[20]);
	}
	PRINT(p[20]);
	u8 v2 = p[1] - p[47] + v0;
	PRINT(p[3]);
	return a * 31 + b;
}
static __attribute__((noinline, section("xdp"))) u64 called(const u8 *p, u32 a, s16 b)
{
	PRINT(*p);
	s64 v3 = p[49] ^ p[23] + b;
	PRINT(a);
	b += p[41] | p[17] ^ a;
	PRINT(counted);
	struct outer v4 = { .first = p[23] ^ p[24] + p[37], .word = a - p[59] ^ p[55] };
	v4.in.b = p[19] & p[45] + v3;
	v4.in.c = 3256 * p[29] + p[24];
	v4.low = 3052 * p[23] + 4305;
	v4.high = p[57] * p[10] ^ a;
	v4.list[1] = p[0] - p[51] ^ a;
	v4.list[2] = p[15] & p[24] + p[2];
	KEEP(v4);
	PRINT(v4.in.b);
	PRINT(v4.word);
	return a * 31 + b;
}
__attribute__((section("xdp"))) int program(struct xdp_md *ctx)
{
	u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (p + 64 > end)
		return 1;
	PRINT(sums[1]);
	s64 v5 = p[54] - p[4] ^ p[36];
	PRINT(weights[1]);
	PRINT(sums[1]);
	PRINT(counted);
	v5 ^= p[21] + p[42] + v5;
	PRINT(p[3]);
	PRINT(sums[1]);
	u64 v6 = inlined(p + 0, p[3] & p[8] + 3891, 3612 + p[14] + p[3]);
	v6 ^= v5 | p[0] ^ p[50];
	PRINT(v6);
	v6 = p[8] & p[45] ^ v5;
	PRINT(*p);
	u64 v7 = called(p + 1, p[39] ^ p[40] ^ p[35], p[6] + p[2] ^ v6);
	for (u32 i8 = 0; i8 < 3; i8++) {
		PRINT(sums[1]);
		u32 v9 = 1175 + p[14] + p[1];
		PRINT(i8);
		enum level v10 = p[47] & 1 ? HIGH : MIDDLE;
		PRINT(v9);
	}
	PRINT(*p);
	PRINT(p[20]);
	return 2;
}
char _license[] __attribute__((section("license"))) = "GPL";
