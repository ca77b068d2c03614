/* The seed filter of filter-ubpf's documentation: says 1 for packets to 1.1.1.1. */
#include "bpf.h"

struct ip {
  __u8 version_and_length, tos;
  __u16 length, id, fragment;
  __u8 ttl, protocol;
  __u16 checksum;
  __u32 ip_src, ip_dst;
};

int is_dst_one_one_one_one(void *opaque) {
  struct ip *ip = opaque;
  return ip->ip_dst == htonl(0x01010101);
}
