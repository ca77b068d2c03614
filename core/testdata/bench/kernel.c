// Two of the workloads as XDP programs, which the running kernel compiles: how fast this machine is. Built by build.sh.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md { u32 data, data_end; };

#define SECTION(name) __attribute__((section(name), used))
#define NOUNROLL _Pragma("clang loop unroll(disable) vectorize(disable)")
#define ROTATE(x, n) (((x) << (n)) | ((x) >> (64 - (n))))

SECTION("xdp/checksum") int checksum(struct xdp_md *context) {
  u8 *data = (u8 *)(long)context->data, *end = (u8 *)(long)context->data_end;
  u64 sum = 0;
  NOUNROLL
  for (u32 i = 0; i < 750 && data + 2 <= end; i++, data += 2) sum += *(u16 *)data;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

SECTION("xdp/siphash") int siphash(struct xdp_md *context) {
  u8 *data = (u8 *)(long)context->data;
  if (data + 8 > (u8 *)(long)context->data_end) return 0;
  u64 v0 = 0x736f6d6570736575ull ^ 64, v1 = 0x646f72616e646f6dull, v2 = 0x6c7967656e657261ull, v3 = 0x7465646279746573ull ^ *(u64 *)data;
  NOUNROLL
  for (int i = 0; i < 10000; i++) {
    v0 += v1; v1 = ROTATE(v1, 13); v1 ^= v0; v0 = ROTATE(v0, 32);
    v2 += v3; v3 = ROTATE(v3, 16); v3 ^= v2;
    v0 += v3; v3 = ROTATE(v3, 21); v3 ^= v0;
    v2 += v1; v1 = ROTATE(v1, 17); v1 ^= v2; v2 = ROTATE(v2, 32);
  }
  return v0 ^ v1 ^ v2 ^ v3;
}
