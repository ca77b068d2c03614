/* The packet loads of classic BPF: absolute and indirect, network byte order. */
#include "bpf.h"

#ifdef __clang__
__u64 load_byte(void *skb, __u64 offset) asm("llvm.bpf.load.byte");
__u64 load_half(void *skb, __u64 offset) asm("llvm.bpf.load.half");
__u64 load_word(void *skb, __u64 offset) asm("llvm.bpf.load.word");
#else
#define load_byte(skb, offset) __builtin_bpf_load_byte(offset)
#define load_half(skb, offset) __builtin_bpf_load_half(offset)
#define load_word(skb, offset) __builtin_bpf_load_word(offset)
#endif

SEC("socket") int tcp_to_port_80(struct __sk_buff *skb) {
  if (load_half(skb, 12) != 0x0800 || load_byte(skb, 23) != 6) return 0;
  __u64 header = (load_byte(skb, 14) & 15) * 4;
  if (load_half(skb, 14 + header + 2) != 80) return 0;
  if (load_byte(skb, 14 + header + 13) & 2) return 64;
  return load_word(skb, 30) == 0x01010101 ? (int)load_word(skb, 14 + header + 4) : -1;
}
