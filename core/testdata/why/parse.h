#pragma once
#include "common.h"
struct vlanh { __be16 tci; __be16 proto; };
struct flow { __u8 fam, proto, frag, pad; __be16 sport, dport; union { __be32 v4; __be32 v6[4]; } s, d; };
struct cur { void *p, *end; };
struct pkt { struct ethhdr *eth; __u16 l3, l4, etype, vlans, plen; __u16 vid[2]; struct flow f; __u8 l4flags; };
AI void *take(struct cur *c, __u32 n){ void *p=c->p; if(p+n>c->end) return 0; c->p=p+n; return p; }
AI int parse_vlans(struct cur *c, __be16 *t, struct pkt *k){
#pragma unroll
  for(int i=0;i<2;i++){ if(*t!=bpf_htons(0x8100)&&*t!=bpf_htons(0x88a8)) break; struct vlanh*v=take(c,4); if(!v) return -1; k->vid[i]=bpf_ntohs(v->tci)&0xfff; k->vlans++; *t=v->proto; }
  return 0; }
AI int parse_ports(struct cur *c, struct pkt *k, void *start){
  k->l4=c->p-start;
  if(k->f.frag&2) return 0;
  if(k->f.proto==IPPROTO_TCP){ struct tcphdr*t=take(c,sizeof *t); if(!t) return -4; k->f.sport=t->source; k->f.dport=t->dest; k->l4flags=((__u8*)t)[13]; return 0; }
  if(k->f.proto==IPPROTO_UDP){ struct udphdr*u=take(c,sizeof *u); if(!u) return -4; k->f.sport=u->source; k->f.dport=u->dest; return 0; }
  if(k->f.proto==IPPROTO_ICMP||k->f.proto==58){ struct icmphdr*i=take(c,sizeof *i); if(!i) return -4; k->f.sport=i->un.echo.id; k->f.dport=bpf_htons(i->type<<8|i->code); return 0; }
  return 0; }
AI int parse_v4(struct cur *c, struct pkt *k, void *start){
  struct iphdr*ip=take(c,20); if(!ip) return -2; if(ip->version!=4||ip->ihl<5) return -3;
  __u32 opt=ip->ihl*4-20; if(opt){ if(!take(c,opt&63)) return -2; }
  k->f.fam=4; k->f.proto=ip->protocol; k->f.s.v4=ip->saddr; k->f.d.v4=ip->daddr; k->plen=bpf_ntohs(ip->tot_len);
  __u16 fo=bpf_ntohs(ip->frag_off); if(fo&0x1fff) k->f.frag=2; else if(fo&0x2000) k->f.frag=1;
  return parse_ports(c,k,start); }
AI int parse_v6(struct cur *c, struct pkt *k, void *start){
  struct ipv6hdr*ip=take(c,40); if(!ip) return -2; k->f.fam=6; __builtin_memcpy(k->f.s.v6,&ip->saddr,16); __builtin_memcpy(k->f.d.v6,&ip->daddr,16); k->plen=bpf_ntohs(ip->payload_len)+40;
  __u8 nh=ip->nexthdr;
#pragma unroll
  for(int i=0;i<4;i++){
    if(nh==0||nh==43||nh==60){ struct{__u8 nh,len;}*o=take(c,2); if(!o) return -5; __u8 l=o->len; nh=o->nh; if(!take(c,(l*8+6)&0x7ff)) return -5; }
    else if(nh==44){ struct{__u8 nh,r; __be16 off; __be32 id;}*fh=take(c,8); if(!fh) return -5; nh=fh->nh; k->f.frag=(fh->off&bpf_htons(0xfff8))?2:1; }
    else if(nh==51){ struct{__u8 nh,len;}*o=take(c,2); if(!o) return -5; __u8 l=o->len; nh=o->nh; if(!take(c,(l*4+6)&0x7ff)) return -5; }
    else break; }
  k->f.proto=nh; return parse_ports(c,k,start); }
AI int parse(struct cur *c, struct pkt *k){
  void*start=c->p; k->eth=take(c,14); if(!k->eth) return -1; __be16 t=k->eth->h_proto; if(parse_vlans(c,&t,k)) return -1;
  k->etype=bpf_ntohs(t); k->l3=c->p-start;
  if(t==bpf_htons(0x800)) return parse_v4(c,k,start); if(t==bpf_htons(0x86dd)) return parse_v6(c,k,start); return 1; }
AI __u16 fold(__u64 s){
#pragma unroll
 for(int i=0;i<4;i++) if(s>>16) s=(s&0xffff)+(s>>16); return ~s; }
