/* Types of the kernel as a program declares the parts it needs, with flavors for what has changed between versions. */
#include "types.h"

#define EXISTS(field) __builtin_preserve_field_info(field, 2)
#define SIZE(field) __builtin_preserve_field_info(field, 1)
#define TYPE_EXISTS(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)
#define TYPE_SIZE(type) __builtin_preserve_type_info(*(typeof(type) *)0, 1)
#define VALUE_EXISTS(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 0)
#define VALUE(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 1)

struct net_device {
  int ifindex;
  unsigned int mtu;
  char name[16];
  unsigned char addr_len;
  void *no_such_member;
} AS_COMPILED;
struct sock_common {
  __u16 skc_family;
  volatile unsigned char skc_state;
  int skc_bound_dev_if;
  union {
    struct {
      __u32 skc_daddr;
      __u32 skc_rcv_saddr;
    };
  };
} AS_COMPILED;
struct sock {
  struct sock_common __sk_common;
  __u16 sk_protocol;
  int sk_rcvbuf;
  __u32 sk_mark;
  struct {
    int len;
  } sk_backlog;
} AS_COMPILED;
struct inet_sock {
  struct sock sk;
  __u16 inet_sport;
} AS_COMPILED;
struct tcp_sock {
  struct {
    __u32 icsk_rto;
  } inet_conn;
  __u32 snd_cwnd;
  __u32 srtt_us;
  __u64 bytes_acked;
} AS_COMPILED;
struct sk_buff {
  unsigned int len;
  unsigned int data_len;
  __u16 protocol;
  unsigned char *data;
  struct net_device *dev;
  struct sock *sk;
  char cb[48];
  __u32 hash;
  __u16 queue_mapping;
  __u8 cloned : 1;
  __u8 nohdr : 1;
  __u8 pkt_type : 3;
} AS_COMPILED;
/* Before Linux 5.17 (and again another name in some distributions). */
struct sk_buff___old {
  __u64 tstamp;
  __u32 skb_mstamp;
} AS_COMPILED;
struct xdp_rxq_info {
  struct net_device *dev;
  __u32 queue_index;
} AS_COMPILED;
struct xdp_buff {
  void *data;
  void *data_end;
  struct xdp_rxq_info *rxq;
} AS_COMPILED;
struct task_struct {
  int pid;
  int tgid;
  char comm[16];
  struct task_struct *real_parent;
} AS_COMPILED;
struct iphdr {
  __u8 ihl : 4;
  __u8 version : 4;
  __u8 protocol;
  __u32 saddr;
  __u32 daddr;
} AS_COMPILED;
struct bpf_flow_keys {
  __u16 thoff;
  __u8 ip_proto;
  __u32 ipv4_src;
} AS_COMPILED;
struct never_in_any_kernel {
  int x;
} AS_COMPILED;
enum bpf_attach_type { BPF_CGROUP_INET_INGRESS, BPF_TCX_INGRESS = 1, BPF_NO_SUCH_ATTACH = 2 };
enum bpf_func_id { BPF_FUNC_map_lookup_elem = 1, BPF_FUNC_ktime_get_tai_ns = 2, BPF_FUNC_no_such_helper = 3 };
enum skb_drop_reason { SKB_DROP_REASON_NO_SOCKET };

SEC("socket") int device(struct net_device *d) { return d->ifindex + d->mtu + d->addr_len + d->name[3]; }
SEC("socket") int device_missing(struct net_device *d) { return EXISTS(d->no_such_member) ? d->no_such_member != 0 : -1; }
SEC("socket") void *device_must(struct net_device *d) { return d->no_such_member; }
SEC("socket") int sockets(struct sock *s) {
  return s->__sk_common.skc_family + s->__sk_common.skc_state + s->__sk_common.skc_bound_dev_if +
         s->__sk_common.skc_daddr + s->__sk_common.skc_rcv_saddr + s->sk_rcvbuf + s->sk_mark + s->sk_backlog.len;
}
SEC("socket") int protocol_of(struct sock *s) { return s->sk_protocol; }
SEC("socket") int inet(struct inet_sock *s) { return s->inet_sport + s->sk.__sk_common.skc_family; }
SEC("socket") __u64 tcp(struct tcp_sock *t) { return t->inet_conn.icsk_rto + t->snd_cwnd + t->srtt_us + t->bytes_acked; }
SEC("socket") int buffer(struct sk_buff *b) { return b->len + b->data_len + b->protocol + b->hash + b->queue_mapping + b->cb[5]; }
SEC("socket") int buffer_pointers(struct sk_buff *b) { return b->dev->ifindex + b->sk->sk_mark + b->data[0]; }
SEC("socket") int buffer_bits(struct sk_buff *b) {
  return __builtin_preserve_field_info(b->pkt_type, 0) + __builtin_preserve_field_info(b->pkt_type, 1) * 3 +
         __builtin_preserve_field_info(b->pkt_type, 4) * 5 + __builtin_preserve_field_info(b->pkt_type, 5) * 7 +
         __builtin_preserve_field_info(b->cloned, 0) * 9 + __builtin_preserve_field_info(b->cloned, 4) * 11;
}
SEC("socket") __u64 buffer_old(struct sk_buff___old *b) { return EXISTS(b->skb_mstamp) ? b->skb_mstamp : b->tstamp; }
SEC("socket") int xdp(struct xdp_buff *x) { return x->data_end - x->data + x->rxq->queue_index + x->rxq->dev->ifindex; }
SEC("socket") int task(struct task_struct *t) { return t->pid + t->tgid + t->comm[2] + t->real_parent->pid; }
SEC("socket") int headers(struct iphdr *i, struct bpf_flow_keys *f) { return i->saddr + i->protocol + f->thoff + f->ipv4_src; }
SEC("socket") int never(struct never_in_any_kernel *n) { return TYPE_EXISTS(struct never_in_any_kernel) ? n->x : 2; }
SEC("socket") int sizes(void *p) {
  return TYPE_SIZE(struct net_device) + TYPE_SIZE(struct sock) * 3 + TYPE_SIZE(struct sk_buff) * 5 +
         TYPE_SIZE(struct task_struct) * 7 + TYPE_SIZE(struct tcp_sock) * 11 + SIZE(((struct sk_buff *)0)->cb) * 13;
}
SEC("socket") int enumerators(void *p) {
  return VALUE_EXISTS(enum bpf_attach_type, BPF_TCX_INGRESS) + VALUE_EXISTS(enum bpf_attach_type, BPF_NO_SUCH_ATTACH) * 2 +
         VALUE(enum bpf_attach_type, BPF_TCX_INGRESS) * 4 + VALUE_EXISTS(enum bpf_func_id, BPF_FUNC_no_such_helper) * 8 +
         VALUE(enum bpf_func_id, BPF_FUNC_ktime_get_tai_ns) * 16 + VALUE(enum skb_drop_reason, SKB_DROP_REASON_NO_SOCKET) * 32;
}
