/* A large function: a switch, nested loops, all comparisons, all arithmetic in both widths. */
#include "bpf.h"

static inline __u64 mix(__u64 a, __u64 b, int how) {
  switch (how) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return b ? a / b : 0;
    case 4: return b ? a % b : 1;
    case 5: return a & b;
    case 6: return a | b;
    case 7: return a ^ b;
    case 8: return a << (b & 63);
    case 9: return a >> (b & 63);
    case 10: return (__s64)a >> (b & 63);
    case 11: return -a;
    case 12: return ~a;
    case 13: return a > b;
    case 14: return (__s64)a >= (__s64)b;
    case 15: return (a & b) != 0;
    case 16: return 0x123456789abcdef0ull ^ a;
    case 17: return (__u32)a * (__u32)b;
    case 18: return (__u32)a >> ((__u32)b & 31);
    case 19: return (__u32)((__s32)a >> ((__u32)b & 31));
    default: return a;
  }
}

int branches(__u8 *bytes, __u64 length) {
  __u64 a = 1, b = length;
  for (__u64 i = 0; i + 2 <= length && i < 4096; i += 2) {
    a = mix(a, b, bytes[i]);
    b = mix(b, bytes[i + 1], bytes[i] >> 4);
    if (a < b && (__s64)a > -100) a += 3;
    if ((__u32)a <= (__u32)b || (__s32)a < (__s32)b) b -= *(__u16 *)(bytes + i);
    if ((a & 0xff00) == 0x1200) break;
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) a = mix(a, bytes[i], i * 2 + 1);
  return a ^ b;
}
