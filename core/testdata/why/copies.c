#include "common.h"
static __noinline int check(struct iphdr*ip){ if(!ip) return 0; return ip->protocol==17; }
static __noinline int check2(__u64*w){ if(!w) return 0; return ((*w>>8)&0xff)==17; }
SEC("xdp") int cpy(struct xdp_md*x){ void*d=(void*)(long)x->data,*e=(void*)(long)x->data_end; if(d+42>e) return XDP_ABORTED; struct iphdr ip; __builtin_memcpy(&ip,d+14,20); return check(&ip)?XDP_DROP:XDP_PASS; }
SEC("xdp") int cpy8(struct xdp_md*x){ void*d=(void*)(long)x->data,*e=(void*)(long)x->data_end; if(d+42>e) return XDP_ABORTED; __u64 w=*(__u64*)(d+22); __u32 p=(w>>8)&0xff; return p==17?XDP_DROP:XDP_PASS; }
SEC("xdp") int cpyl(struct xdp_md*x){ struct iphdr ip; if(bpf_xdp_load_bytes(x,14,&ip,20)) return XDP_ABORTED; return ip.protocol==17?XDP_DROP:XDP_PASS; }
SEC("xdp") int spill(struct xdp_md*x){ void*d=(void*)(long)x->data,*e=(void*)(long)x->data_end; if(d+42>e) return XDP_ABORTED; volatile __u64 w=*(__u64*)(d+22); volatile __u8 *b=(volatile __u8*)&w; return b[1]==17?XDP_DROP:XDP_PASS; }
