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
	PRINT(p[3]);
	b = b * p[24] ^ p[59];
	PRINT(sums[1]);
	for (u32 i0 = 0; i0 < 3; i0++) {
		PRINT(i0);
		PRINT(i0);
		a ^= p[20] & p[26] ^ 4368;
		PRINT(sums[1]);
	}
	PRINT(sums[1]);
	u8 v2[5] = { p[43] - p[26] ^ p[19], 0, a ^ p[1] ^ 4131 };
	KEEP(v2);
	PRINT(p[3]);
	return a * 31 + b;
}
static __attribute__((noinline, section("xdp"))) u64 called(const u8 *p, u32 a, s16 b)
{
	PRINT(*p);
	for (u32 i3 = 0; i3 < 3; i3++) {
		a ^= p[18] - p[4] + p[21];
		PRINT(counted);
		PRINT(p[20]);
		PRINT(p[20]);
	}
	PRINT(p[3]);
	a ^= 3734 * p[13] ^ a;
	PRINT(weights[1]);
	for (u32 i4 = 0; i4 < 3; i4++) {
		b = p[56] ^ p[20] ^ p[48];
		PRINT(*p);
		s16 v5 = p[36] & p[8] + p[42];
		PRINT(a);
		PRINT(b);
	}
	PRINT(b);
	counted += p[47] * p[13] ^ p[44]; sums[1] ^= 350 ^ p[57] + a;
	PRINT(counted);
	return a * 31 + b;
}
__attribute__((section("xdp"))) int program(struct xdp_md *ctx)
{
	u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (p + 64 > end)
		return 1;
	PRINT(p[3]);
	struct outer v6 = { .first = p[29] | p[41] + p[34], .word = 1309 | p[42] ^ 4649 };
	v6.in.b = p[26] & p[52] + 1520;
	v6.in.c = 2 * p[45] + p[5];
	v6.low = 404 * p[33] ^ 3171;
	v6.high = p[54] | p[22] + p[8];
	v6.list[1] = 4845 - p[46] + 1203;
	v6.list[2] = p[21] | p[37] + p[49];
	KEEP(v6);
	PRINT(v6.low);
	if ((3388 - p[40] + p[13]) & 4) {
		_Bool v7 = p[12] + p[46] ^ 172;
		PRINT(counted);
		v7 ^= p[10] + p[3] ^ v7;
		PRINT(v6.list[2]);
		for (u32 i8 = 0; i8 < 3; i8++) {
			v7 ^= v7 & p[36] ^ v7;
			PRINT(v6.middle);
			s16 v9 = 3444 | p[48] + 660;
			PRINT(weights[1]);
			s32 v10 = p[5] - p[30] + p[51];
			PRINT(*p);
		}
		PRINT(v6.bytes[2]);
		PRINT(p[3]);
	}
	PRINT(v6.low);
	PRINT(v6.in.a);
	PRINT(counted);
	if ((2827 + p[48] ^ p[32]) & 4) {
		counted += p[59] | p[27] + p[23]; sums[1] ^= 1660 + p[13] + p[37];
		PRINT(v6.list[0]);
		if ((p[30] * p[26] + 3351) & 4) {
			PRINT(sums[1]);
			PRINT(sums[1]);
			PRINT(v6.low);
			struct outer v11 = { .first = 4866 & p[42] + 4433, .word = 4331 & p[41] ^ p[6] };
			v11.in.b = p[37] - p[46] ^ 4813;
			v11.in.c = p[59] & p[41] + p[18];
			v11.low = 3317 - p[21] ^ p[19];
			v11.high = p[30] | p[22] + p[35];
			v11.list[1] = p[43] ^ p[11] ^ p[4];
			v11.list[2] = p[49] ^ p[2] ^ 2166;
			KEEP(v11);
			PRINT(v6.in.c);
		}
		PRINT(p[3]);
		if ((p[21] & p[32] ^ p[45]) & 4) {
			char v12 = p[22] - p[31] + p[13];
			PRINT(p[3]);
			PRINT(v6.in.a);
			PRINT(p[3]);
			v12 = v12 | p[12] + v12;
			PRINT(v12);
		}
		PRINT(v6.high);
		PRINT(v6.middle);
	}
	PRINT(v6.list[2]);
	u64 v13 = inlined(p + 2, p[16] * p[18] ^ p[30], p[36] - p[20] ^ 3076);
	v13 ^= 1227 | p[31] + 4044;
	PRINT(v6.in.a);
	PRINT(v6.low);
	u64 v14 = called(p + 2, p[16] & p[17] ^ v13, v13 - p[27] + v13);
	PRINT(*p);
	PRINT(v6.bytes[2]);
	return 2;
}
char _license[] __attribute__((section("license"))) = "GPL";
