#include "common.h"
struct key { __u32 ip; __u16 port; __u8 proto; };  /* one byte of padding, as in the question */
struct { __uint(type,BPF_MAP_TYPE_HASH); __uint(max_entries,16); __type(key,struct key); __type(value,__u64); } conns SEC(".maps");
__s64 res[8];
static __noinline int put(struct iphdr*ip,__u16 port){ struct key k; k.ip=ip->saddr; k.port=port; k.proto=ip->protocol; __u64 v=1; return bpf_map_update_elem(&conns,&k,&v,0); }
static __noinline __u64 get(struct iphdr*ip,__u16 port){ struct key k; k.ip=ip->saddr; k.port=port; k.proto=ip->protocol; __u64*v=bpf_map_lookup_elem(&conns,&k); return v?*v:0; }
static __noinline __u64 noise(__u64 a){ volatile __u64 n[16]; for(int i=0;i<16;i++) n[i]=a*0x0101010101010101ULL; return n[3]; }
SEC("xdp") int pad(struct xdp_md*x){ void*d=(void*)(long)x->data,*e=(void*)(long)x->data_end; if(d+42>e) return XDP_ABORTED; struct iphdr ip; __builtin_memcpy(&ip,d+14,20);
 noise(0xaa); res[0]=put(&ip,80); noise(0x55); res[1]=get(&ip,80); return res[1]?XDP_PASS:XDP_DROP; }
