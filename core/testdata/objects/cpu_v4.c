/* What -mcpu=v4 adds: signed division, sign-extending moves and loads, byte swaps, long jumps, immediate stores. */
#include "bpf.h"

struct signeds {
  __s8 byte;
  __s16 half;
  __s32 word;
  __s64 wide;
};

__s64 divide(struct signeds *s) { return s->wide / s->word + s->wide % 7 + s->word / s->half + s->word % (s->byte | 1); }

__s64 extend(__s64 a, __s64 b) { return (__s8)a + (__s16)b * (__s32)(a + b); }

int extend32(int a, int b) { return (__s8)a * (__s16)b; }

__u64 swap(__u64 *p) {
  return __builtin_bswap64(p[0]) + __builtin_bswap32((__u32)p[1]) + __builtin_bswap16((__u16)p[2]);
}

void store(struct signeds *s) {
  s->byte = 1;
  s->half = -2;
  s->word = 3;
  s->wide = -4;
}

int far(int a) {
  asm volatile("if w1 == 0 goto 1f; gotol 2f; 1: w1 += 5; 2: may_goto 3f; w1 += 1; 3:");
  return a;
}
