/* What the relocating code of Linux 6.18 does and libbpf 1.1 did not yet: signs of enumerations, loads of an array's element. */
#include "types.h"

#define SIGNED(field) __builtin_preserve_field_info(field, 3)
#define VALUE(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 1)
#define TYPE_MATCHES(type) __builtin_preserve_type_info(*(typeof(type) *)0, 2)

enum rpm_status { RPM_INVALID = -1, RPM_ACTIVE = 0 };
typedef enum { SS_FREE = 0, SS_UNCONNECTED } socket_state;
struct dev_pm_info {
  enum rpm_status runtime_status;
} AS_COMPILED;
struct socket {
  socket_state state;
} AS_COMPILED;
struct sk_buff {
  __u16 cb[24];
} AS_COMPILED;
struct in6_addr {
  __u8 bytes[16];
} AS_COMPILED;
struct net_device {
  __u64 ifindex;
  __u16 addr_len[2];
} AS_COMPILED;
enum bpf_attach_type { BPF_TCX_INGRESS };
struct iphdr___mine {
  __u8 protocol;
};
struct ethhdr {
  unsigned char h_dest[6];
  unsigned char h_source[6];
};

SEC("socket/signed") int signed_enum(struct dev_pm_info *p) { return SIGNED(p->runtime_status); }
SEC("socket/unsigned") int unsigned_enum(struct socket *s) { return SIGNED(s->state); }
SEC("socket/value") __u64 value(void *p) { return VALUE(enum bpf_attach_type, BPF_TCX_INGRESS); }
SEC("socket/matches") int matches(void *p) { return TYPE_MATCHES(struct ethhdr) + 2 * TYPE_MATCHES(struct iphdr___mine); }
SEC("socket/element") int element(struct sk_buff *b) { return b->cb[3]; }
SEC("socket/resized") __u64 resized(struct net_device *d) { return d->ifindex; }
