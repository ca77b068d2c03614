// Programs for `npm run bench`: raw memory in, r0 out (hook ubpf). Built by
//   clang-19 -O2 -target bpf -mcpu=v3 -fno-stack-protector -c workloads.c -o workloads.o
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SECTION(name) __attribute__((section(name), used))
#define NOUNROLL _Pragma("clang loop unroll(disable) vectorize(disable)")

/* One's-complement sum over all the bytes. */
SECTION("bench/checksum") u64 checksum(u8 *data, u64 length) {
  u64 sum = 0;
  NOUNROLL
  for (u64 i = 0; i + 1 < length; i += 2) sum += *(u16 *)(data + i);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

#define ROTATE(x, n) (((x) << (n)) | ((x) >> (64 - (n))))

/* 10,000 SipHash rounds. */
SECTION("bench/siphash") u64 siphash(u8 *data, u64 length) {
  u64 v0 = 0x736f6d6570736575ull ^ length, v1 = 0x646f72616e646f6dull, v2 = 0x6c7967656e657261ull, v3 = 0x7465646279746573ull ^ *(u64 *)data;
  NOUNROLL
  for (int i = 0; i < 10000; i++) {
    v0 += v1; v1 = ROTATE(v1, 13); v1 ^= v0; v0 = ROTATE(v0, 32);
    v2 += v3; v3 = ROTATE(v3, 16); v3 ^= v2;
    v0 += v3; v3 = ROTATE(v3, 21); v3 ^= v0;
    v2 += v1; v1 = ROTATE(v1, 17); v1 ^= v2; v2 = ROTATE(v2, 32);
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

/* 64 buckets on the stack, two passes over the bytes. */
SECTION("bench/histogram") u64 histogram(u8 *data, u64 length) {
  u32 buckets[64] = {0};
  NOUNROLL
  for (int pass = 0; pass < 2; pass++) {
    NOUNROLL
    for (u64 i = 0; i < length; i++) buckets[data[i] & 63] += 1 + pass;
  }
  u64 most = 0;
  NOUNROLL
  for (int i = 0; i < 64; i++) if (buckets[i] > most) most = buckets[i];
  return most;
}

struct rule { u32 address, mask; u16 port, protocol; };
static const volatile struct rule rules[16] = {
  {0x0100000a, 0xffffffff, 80, 6}, {0x0200000a, 0xffffffff, 443, 6}, {0x0300000a, 0xffffffff, 22, 6}, {0x0400000a, 0xffffffff, 53, 17},
  {0x0500000a, 0x00ffffff, 80, 6}, {0x0600000a, 0x00ffffff, 443, 6}, {0x0700000a, 0x00ffffff, 22, 6}, {0x0800000a, 0x00ffffff, 53, 17},
  {0x0900000a, 0x0000ffff, 8080, 6}, {0x0a00000a, 0x0000ffff, 25, 6}, {0x0b00000a, 0x0000ffff, 21, 6}, {0x0c00000a, 0x0000ffff, 123, 17},
  {0x0d00000a, 0x000000ff, 993, 6}, {0x0e00000a, 0x000000ff, 110, 6}, {0x0f00000a, 0x000000ff, 143, 6}, {0x1000000a, 0x000000ff, 161, 17},
};

/* Ethernet, one VLAN tag, IPv4, TCP or UDP, then 16 rules. */
SECTION("bench/parser") u64 parser(u8 *data, u64 length) {
  if (length < 34) return 0;
  u64 at = 14;
  u16 type = *(u16 *)(data + 12);
  if (type == 0x0081) { type = *(u16 *)(data + 16); at = 18; }
  if (type != 0x0008 || at + 24 > length) return 0;
  u8 protocol = data[at + 9];
  u32 destination = *(u32 *)(data + at + 16);
  u64 transport = at + (data[at] & 15) * 4;
  if (transport + 4 > length) return 0;
  u16 port = __builtin_bswap16(*(u16 *)(data + transport + 2));
  NOUNROLL
  for (int i = 0; i < 16; i++)
    if (rules[i].protocol == protocol && rules[i].port == port && ((rules[i].address ^ destination) & rules[i].mask) == 0) return i + 1;
  return 0;
}

/* The seed filter: the IP header's destination is 1.1.1.1. */
SECTION("bench/seed") u64 seed(u8 *data, u64 length) {
  (void)length;
  return *(u32 *)(data + 16) == 0x01010101;
}
