#include "common.h"
#define HS void*d=(void*)(long)s->data,*e=(void*)(long)s->data_end; struct iphdr*ip=d+14; struct udphdr*u=d+34; (void)ip;(void)u; if(d+60>e) return TC_ACT_SHOT;
__u64 tick; struct { __uint(type,BPF_MAP_TYPE_ARRAY); __uint(max_entries,4); __type(key,__u32); __type(value,__u32); } act SEC(".maps");
SEC("tc") int mark(struct __sk_buff*s){ HS if(s->mark==7) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int nomk(struct __sk_buff*s){ if(s->mark==0) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int prot(struct __sk_buff*s){ if(s->protocol==bpf_htons(0x800)) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int len(struct __sk_buff*s){ if(s->len>60) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int time(struct __sk_buff*s){ HS if(bpf_ktime_get_ns()>5) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int cpu(struct __sk_buff*s){ HS if(bpf_get_smp_processor_id()==0) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int mapv(struct __sk_buff*s){ HS __u32 k=ip->protocol==17?1:2; __u32*v=bpf_map_lookup_elem(&act,&k); if(!v) return TC_ACT_SHOT; return *v; }
SEC("tc") int glob(struct __sk_buff*s){ HS tick++; if(tick%2) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int vlan(struct __sk_buff*s){ HS if(s->vlan_present) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int csum(struct __sk_buff*s){ HS if(bpf_skb_store_bytes(s,5000,&tick,4,0)) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int redir(struct __sk_buff*s){ HS return bpf_redirect(ip->ttl&3,0); }
SEC("tc") int fib(struct __sk_buff*s){ HS struct bpf_fib_lookup p={}; p.family=2; p.ipv4_src=ip->saddr; p.ipv4_dst=ip->daddr; p.ifindex=1; p.tot_len=40; long r=bpf_fib_lookup(s,&p,sizeof p,0); if(r) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int arr(struct __sk_buff*s){ HS __u8 b[16]={}; if(bpf_skb_load_bytes(s,42,b,16)) return TC_ACT_SHOT; b[3]=b[0]^b[1]; __u32 h=0; for(int i=0;i<16;i++) h=h*31+b[i]; if(h&1) return TC_ACT_SHOT; return TC_ACT_OK; }
SEC("tc") int copy(struct __sk_buff*s){ HS struct iphdr c; __builtin_memcpy(&c,ip,20); ip->ttl=1; if(c.ttl==ip->ttl) return TC_ACT_SHOT; if(c.tos==0) return TC_ACT_PIPE; return TC_ACT_OK; }
SEC("tc") int nest(struct __sk_buff*s){ HS int r=0; if(ip->ttl>10) r|=1; if(ip->tos==0) r|=2; if(u->dest==bpf_htons(53)) r|=4; if(r==7) return TC_ACT_SHOT; if(r&4) return TC_ACT_PIPE; return TC_ACT_OK; }
SEC("tc") int never(struct __sk_buff*s){ HS int v=TC_ACT_SHOT; if(ip->ttl<10) v=TC_ACT_OK; if(ip->id==5) v=TC_ACT_OK; return v; }
