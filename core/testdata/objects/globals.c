/* .data, .rodata, .bss, sections with a suffix, string literals, a static variable of a function. */
#include "bpf.h"

int counter = 7;
static volatile long totals[3] = {1, 2, 3};
const volatile __u32 limit = 1500;
static const __u16 ports[] = {22, 80, 443, 8080};
__u64 seen;
static int history[8];
int hot SEC(".data.hot") = 9;
const __u32 table[4] SEC(".rodata.table") = {10, 20, 30, 40};
struct pair { __u8 kind; __u32 value; } pairs[2] = {{1, 100}, {2, 200}};

SEC("tc") int account(struct __sk_buff *skb) {
  static int calls;
  calls++;
  counter += ports[skb->protocol & 3];
  totals[1] += skb->len;
  history[calls & 7] = skb->len;
  seen |= 1ull << (skb->hash & 63);
  hot += table[skb->mark & 3] + pairs[1].value;
  if (skb->len > limit) {
    static const char format[] = "long packet: %d bytes\n";
    bpf_trace_printk(format, sizeof(format), skb->len);
    bpf_trace_printk("second literal", 15);
  }
  return counter;
}

char _license[] SEC("license") = "GPL";
