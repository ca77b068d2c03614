/* Values that a loader fills in: of the kernel's configuration, of the kernel's variables, and of constants. */
#include "types.h"

#define KCONFIG __attribute__((section(".kconfig")))
#define KSYM __attribute__((section(".ksyms")))
#define WEAK __attribute__((weak))

char _license[] SEC("license") = "GPL";

struct __sk_buff;
struct result {
  __u64 value;
};
struct {
  int (*type)[2]; /* BPF_MAP_TYPE_ARRAY */
  int (*max_entries)[16];
  __u32 *key;
  __u64 *value;
} results SEC(".maps");

static void *(*map_lookup_elem)(void *map, const void *key) = (void *)1;

enum libbpf_tristate { TRI_NO = 0, TRI_YES = 1, TRI_MODULE = 2 };

extern int LINUX_KERNEL_VERSION KCONFIG;
extern _Bool LINUX_HAS_BPF_COOKIE KCONFIG WEAK;
extern _Bool CONFIG_BPF_SYSCALL KCONFIG;
extern enum libbpf_tristate CONFIG_NET KCONFIG;
extern char CONFIG_INET KCONFIG;
extern __u64 CONFIG_HZ KCONFIG;
extern short CONFIG_NO_SUCH_OPTION KCONFIG WEAK;
extern _Bool CONFIG_NO_SUCH_TRUTH KCONFIG WEAK;
extern char CONFIG_DEFAULT_HOSTNAME[16] KCONFIG;

extern const void bpf_link_fops KSYM WEAK;
extern const void no_such_symbol KSYM WEAK;
extern const int no_such_variable KSYM WEAK;

extern void bpf_rcu_read_lock(void) KSYM WEAK;
extern int no_such_function(int) KSYM WEAK;

const volatile __u32 threshold = 10;
const volatile char greeting[8] = "hello";
volatile __u64 counter = 5;
volatile __u16 zeros[4];

static __attribute__((always_inline)) void put(__u32 key, __u64 value) {
  __u64 *slot = map_lookup_elem(&results, &key);
  if (slot) *slot = value;
}

SEC("tc") int kconfig(struct __sk_buff *skb) {
  put(0, LINUX_KERNEL_VERSION);
  put(1, LINUX_HAS_BPF_COOKIE);
  put(2, CONFIG_BPF_SYSCALL);
  put(3, CONFIG_NET);
  put(4, CONFIG_INET);
  put(5, CONFIG_HZ);
  put(6, CONFIG_NO_SUCH_OPTION);
  put(7, CONFIG_NO_SUCH_TRUTH);
  put(8, *(volatile __u64 *)CONFIG_DEFAULT_HOSTNAME);
  return CONFIG_HZ > 200 ? 1 : 2;
}

SEC("tc") int weak(struct __sk_buff *skb) {
  put(0, &no_such_symbol != 0);
  put(1, &no_such_variable != 0);
  put(2, bpf_rcu_read_lock != 0);
  put(3, no_such_function != 0);
  return no_such_function ? no_such_function(3) : 7;
}

SEC("tc") int constants(struct __sk_buff *skb) {
  put(0, threshold);
  put(1, greeting[1]);
  put(2, counter++);
  put(3, zeros[2]);
  return threshold > 10 ? 1 : 2;
}

SEC("tc") int variable_of_the_kernel(struct __sk_buff *skb) {
  put(0, (__u64)&bpf_link_fops);
  return &no_such_variable ? no_such_variable : 3;
}
