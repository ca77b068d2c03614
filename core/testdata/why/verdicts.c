#include "common.h"
#define HD void*d=(void*)(long)x->data,*e=(void*)(long)x->data_end; struct ethhdr*eth=d; struct iphdr*ip=d+14; struct tcphdr*t=d+34; struct udphdr*u=d+34; (void)eth;(void)ip;(void)t;(void)u; if(d+60>e) return XDP_ABORTED;
SEC("xdp") int mask(struct xdp_md*x){ HD if((ip->saddr&bpf_htonl(0xff000000))==bpf_htonl(0x0a000000)) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int maskn(struct xdp_md*x){ HD if((ip->saddr&bpf_htonl(0xffff0000))!=bpf_htonl(0xc0a80000)) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int flags(struct xdp_md*x){ HD __u8 f=((__u8*)t)[13]; if((f&0x12)==2) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int synonly(struct xdp_md*x){ HD if(t->syn&&!t->ack) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int vid(struct xdp_md*x){ HD __u16 tci=bpf_ntohs(*(__be16*)(d+14)); if((tci&0xfff)==100) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int frag(struct xdp_md*x){ HD if(ip->frag_off&bpf_htons(0x1fff)) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int v6w(struct xdp_md*x){ HD struct ipv6hdr*i6=d+14; if(i6->daddr.in6_u.u6_addr32[0]==bpf_htonl(0xfd000000)) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int range(struct xdp_md*x){ HD __u16 p=bpf_ntohs(u->dest); if(p>=50&&p<60) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int mac(struct xdp_md*x){ HD if(eth->h_dest[0]&1) return XDP_DROP; if(*(__u16*)(eth->h_source)==0x2) return XDP_TX; return XDP_PASS; }
SEC("xdp") int hash(struct xdp_md*x){ HD __u32 h=(bpf_ntohl(ip->saddr)*31+bpf_ntohl(ip->daddr))%4; if(h==1) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int sumb(struct xdp_md*x){ HD __u32 s=0; for(int i=42;i<54;i++) s+=((__u8*)d)[i]; if(s>1000) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int varo(struct xdp_md*x){ HD __u32 o=ip->ihl*4; struct udphdr*v=d+14+o; if((void*)(v+1)>e) return XDP_ABORTED; if(v->dest==bpf_htons(53)) return XDP_DROP; return XDP_PASS; }
struct { __uint(type,BPF_MAP_TYPE_HASH); __uint(max_entries,8); __type(key,__be32); __type(value,__u64); } seen SEC(".maps");
SEC("xdp") int state(struct xdp_md*x){ HD __be32 s=ip->saddr; __u64 one=1,*v=bpf_map_lookup_elem(&seen,&s); if(!v){ bpf_map_update_elem(&seen,&s,&one,0); return XDP_PASS; } (*v)++; if(*v>2) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int ifx(struct xdp_md*x){ HD if(x->ingress_ifindex==1) return XDP_DROP; return XDP_PASS; }
const volatile __u16 cfg=53; __u32 dynamic=3;
SEC("xdp") int gl(struct xdp_md*x){ HD if(bpf_ntohs(u->dest)==cfg) { dynamic--; if(!dynamic) return XDP_TX; return XDP_DROP; } return XDP_PASS; }
SEC("xdp") int rnd(struct xdp_md*x){ HD if(bpf_get_prandom_u32()%2) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int lens(struct xdp_md*x){ HD __u16 tl=bpf_ntohs(ip->tot_len); if(tl!=e-d-14) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int loop(struct xdp_md*x){ HD __u8*q=d+42; int n=0; for(int i=0;i<18;i++){ if(q[i]=='l') n++; } if(n==3) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int sgn(struct xdp_md*x){ HD __s8 v=*(__s8*)(d+42); if(v<0) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int two(struct xdp_md*x){ HD if(ip->saddr==bpf_htonl(0x0a000001)||ip->saddr==bpf_htonl(0x0a000005)) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int lb1(struct xdp_md*x){ __u8 b[4]; if(bpf_xdp_load_bytes(x,36,b,2)) return XDP_ABORTED; if(b[0]==0&&b[1]==53) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int tab(struct xdp_md*x){ HD static const __u8 act[8]={2,2,1,2,3,2,2,2}; return act[ip->tos&7]; }
SEC("xdp") int ttl(struct xdp_md*x){ HD ip->ttl--; if(ip->ttl==63) return XDP_DROP; return XDP_PASS; }
SEC("xdp") int cks(struct xdp_md*x){ HD __u64 s=bpf_csum_diff(0,0,(void*)ip,20,0); s=(s&0xffff)+(s>>16); s=(s&0xffff)+(s>>16); if((__u16)~s) return XDP_DROP; return XDP_PASS; }
