/* Several programs in one section, direct packet access with byte swaps, writes to the context. */
#include "bpf.h"

SEC("tc") int mark_web(struct __sk_buff *skb) {
  __u8 *data = (__u8 *)(long)skb->data;
  if (data + 54 > (__u8 *)(long)skb->data_end) return 0;
  __u16 port = htons(*(__u16 *)(data + 36));
  if (port == 80 || port == 443) skb->mark = port;
  return -1;
}

SEC("tc") int swap_addresses(struct __sk_buff *skb) {
  __u8 *data = (__u8 *)(long)skb->data;
  if (data + 34 > (__u8 *)(long)skb->data_end) return 2;
  __u32 source = *(__u32 *)(data + 26);
  *(__u32 *)(data + 26) = *(__u32 *)(data + 30);
  *(__u32 *)(data + 30) = source;
  data[22]--;
  skb->cb[1] = __builtin_bswap32(source);
  skb->cb[2] = (__u32)__builtin_bswap64(skb->hash);
  return 0;
}

SEC("classifier/egress") int by_length(struct __sk_buff *skb) {
  return skb->len > 1500 ? 2 : skb->len < 60 ? 0 : -1;
}

char _license[] SEC("license") = "GPL";
