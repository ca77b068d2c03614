#include "common.h"
#define HS void*d=(void*)(long)s->data,*e=(void*)(long)s->data_end; struct ethhdr*eth=d; struct iphdr*ip=d+14; struct udphdr*u=d+34; (void)eth; (void)ip;(void)u; if(d+60>e) return TC_ACT_STOLEN;
#define T(N,CALL,COND) SEC("tc") int N(struct __sk_buff*s){ if(CALL) return TC_ACT_QUEUED; HS if(COND) return TC_ACT_SHOT; return TC_ACT_OK; }
#define X(N,CALL,COND) SEC("xdp") int N(struct xdp_md*s){ if(CALL) return XDP_ABORTED; HS if(COND) return XDP_DROP; return XDP_PASS; }
T(t_room_net,bpf_skb_adjust_room(s,8,BPF_ADJ_ROOM_NET,0),ip->protocol==17)
T(t_room_net2,bpf_skb_adjust_room(s,8,BPF_ADJ_ROOM_NET,0),*(__u8*)(d+42+3)==53)
T(t_room_mac,bpf_skb_adjust_room(s,20,BPF_ADJ_ROOM_MAC,BPF_F_ADJ_ROOM_ENCAP_L3_IPV4),*(__u8*)(d+34+9)==17)
T(t_room_shrink,bpf_skb_adjust_room(s,-4,BPF_ADJ_ROOM_NET,0),*(__u8*)(d+34)==0)
T(t_chead,bpf_skb_change_head(s,14,0),*(__u8*)(d+14+23)==17)
T(t_ctail,bpf_skb_change_tail(s,61,0),*(__u8*)(d+42)==0x68)
T(t_pull,bpf_skb_pull_data(s,60),*(__u8*)(d+42)==0x68)
T(t_push,bpf_skb_vlan_push(s,bpf_htons(0x8100),5),ip->protocol==17)
T(t_push2,bpf_skb_vlan_push(s,bpf_htons(0x8100),5)||bpf_skb_vlan_push(s,bpf_htons(0x8100),6),*(__u8*)(d+18+9)==17)
T(t_proto,bpf_skb_change_proto(s,bpf_htons(ETH_P_IPV6),0),*(__u8*)(d+54+3)==53)
T(t_l4,bpf_l4_csum_replace(s,40,0,1,2),(bpf_ntohs(u->check)>>8)==0x90)
T(t_l3,bpf_l3_csum_replace(s,24,0,1,2),(bpf_ntohs(ip->check)>>8)==0x54)
T(t_store,bpf_skb_store_bytes(s,30,"\1\2",2,0),ip->daddr==bpf_htonl(0x01020002))
X(x_head,bpf_xdp_adjust_head(s,-14),*(__u8*)(d+14+23)==17)
X(x_head2,bpf_xdp_adjust_head(s,4),*(__u8*)(d+19)==17)
X(x_tail,bpf_xdp_adjust_tail(s,-2),*(__u8*)(d+23)==17)
X(x_tail2,bpf_xdp_adjust_tail(s,12),*(__u8*)(d+42)==0x68)
X(x_meta,bpf_xdp_adjust_meta(s,-8),ip->protocol==17)
X(x_store,bpf_xdp_store_bytes(s,30,"\1\2",2),ip->daddr==bpf_htonl(0x01020002))
SEC("tc") int t_pop(struct __sk_buff*s){ if(bpf_skb_vlan_pop(s)) return TC_ACT_QUEUED; HS if(ip->protocol==17) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("xdp") int x_memmove(struct xdp_md*s){ HS __builtin_memmove(d,d+20,12); if(*(__u8*)(d+3)==17) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int x_memmove2(struct xdp_md*s){ HS __u64 a=*(__u64*)(d+20),b=*(__u32*)(d+28); *(__u64*)d=a; *(__u32*)(d+8)=b; if(*(__u8*)(d+3)==17) return XDP_DROP; return XDP_PASS; }
struct { __uint(type,BPF_MAP_TYPE_HASH); __uint(max_entries,8); __type(key,__u32); __type(value,__u64); } h SEC(".maps");
SEC("xdp") int x_map(struct xdp_md*s){ HS __u32 k=5; __u64 v=ip->ttl; bpf_map_update_elem(&h,&k,&v,0); __u64*p=bpf_map_lookup_elem(&h,&k); if(p&&*p==64) return XDP_DROP; return XDP_PASS; }
static long each(void*m,__u32*k,__u64*v,void*c){ *(__u64*)c+=*v; return 0; }
SEC("xdp") int x_each(struct xdp_md*s){ HS __u32 k=5; __u64 v=ip->ttl,sum=0; bpf_map_update_elem(&h,&k,&v,0); bpf_for_each_map_elem(&h,each,&sum,0); if(sum==64) return XDP_DROP; return XDP_PASS; }
struct { __uint(type,BPF_MAP_TYPE_QUEUE); __uint(max_entries,8); __type(value,__u32); } q SEC(".maps");
SEC("xdp") int x_q(struct xdp_md*s){ HS __u32 v=ip->ttl; bpf_map_push_elem(&q,&v,0); __u32 w=0; bpf_map_pop_elem(&q,&w); if(w==64) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int x_at(struct xdp_md*s){ HS static __u64 g; g=0; __sync_fetch_and_add(&g,ip->ttl); if(g==64) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int x_cmp(struct xdp_md*s){ HS static __u64 g; g=ip->ttl; __u64 o=__sync_val_compare_and_swap(&g,64,1); if(g==1) return XDP_DROP; return XDP_PASS; }
SEC("tc") int t_cb(struct __sk_buff*s){ HS s->mark=ip->ttl; if(s->mark==64) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int t_hash(struct __sk_buff*s){ HS bpf_set_hash(s,ip->ttl); if(s->hash==64) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int t_len(struct __sk_buff*s){ HS if(bpf_skb_change_tail(s,60+ip->ttl,0)) return TC_ACT_OK; if(s->len==124) return TC_ACT_SHOT; return TC_ACT_OK; }
