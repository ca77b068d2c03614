#include "common.h"
#define HS void*d=(void*)(long)s->data,*e=(void*)(long)s->data_end; struct iphdr*ip=d+14; struct udphdr*u=d+34; (void)ip;(void)u; if(d+60>e) return TC_ACT_SHOT;
struct { __uint(type,BPF_MAP_TYPE_HASH); __uint(max_entries,8); __type(key,__u32); __type(value,__u32); } h SEC(".maps");
struct { __uint(type,BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries,8); __uint(key_size,8); __uint(value_size,4); __uint(map_flags,BPF_F_NO_PREALLOC); } lpm SEC(".maps");
struct { __uint(type,BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries,1); __type(key,__u32); __type(value,__u32); } sc SEC(".maps");
SEC("tc") int lb4(struct __sk_buff*s){ __u8 b[34]; if(bpf_skb_load_bytes(s,0,b,34)) return TC_ACT_OK; if(b[23]==17&&b[30]==10) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int lpmr(struct __sk_buff*s){ HS struct { __u32 p,a; } k={8,bpf_htonl(0x0a000000)}; __u32 v=1; bpf_map_update_elem(&lpm,&k,&v,0); k.p=32; k.a=ip->saddr; __u32*r=bpf_map_lookup_elem(&lpm,&k); if(r&&*r==1) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int scr(struct __sk_buff*s){ HS __u32 z=0,*v=bpf_map_lookup_elem(&sc,&z); if(!v) return TC_ACT_OK; *v=ip->ttl; v=bpf_map_lookup_elem(&sc,&z); if(!v) return TC_ACT_OK; if(*v>60) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int cbk(struct __sk_buff*s){ HS s->cb[0]=ip->tos+1; s->mark=ip->ttl; if(s->cb[0]+s->mark==65) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int adj(struct __sk_buff*s){ if(bpf_skb_adjust_room(s,8,BPF_ADJ_ROOM_NET,0)) return TC_ACT_OK; HS if(ip->protocol==17) return TC_ACT_SHOT; return TC_ACT_PIPE; }
SEC("tc") int st2(struct __sk_buff*s){ __u8 t=5; if(bpf_skb_store_bytes(s,22,&t,1,0)) return TC_ACT_OK; HS if(ip->ttl==5&&ip->tos==0) return TC_ACT_SHOT; return TC_ACT_OK; }
static long cb(__u32 i,void*c){ __u64*s=c; s[0]+=s[1]; return s[0]>100; }
SEC("tc") int lp(struct __sk_buff*s){ HS __u64 c[2]={0,ip->ttl}; bpf_loop(10,cb,c,0); if(c[0]==128) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int dyn(struct __sk_buff*s){ HS __u32 h=ip->saddr; for(int i=0;i<4;i++) h=(h<<5|h>>27)^0x1234567; if((h&3)==(bpf_ntohl(ip->saddr)&3)) return TC_ACT_SHOT; return TC_ACT_OK; }
static __noinline int sub(__u32 a,__u32 b){ return a>b?1:0; }
SEC("tc") int subc(struct __sk_buff*s){ HS if(sub(ip->ttl,ip->tos)) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int l4(struct __sk_buff*s){ if(bpf_l4_csum_replace(s,40,0,bpf_htons(1),2)) return TC_ACT_OK; HS if(u->check==bpf_htons(0)) return TC_ACT_SHOT; return TC_ACT_PIPE; }
SEC("tc") int sn(struct __sk_buff*s){ HS long v=0; char b[8]={}; if(bpf_skb_load_bytes(s,42,b,4)) return TC_ACT_OK; if(bpf_strtol(b,4,10,&v)<0) return TC_ACT_PIPE; if(v==1234) return TC_ACT_SHOT; return TC_ACT_OK; }
