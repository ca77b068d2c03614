#include "common.h"
#define PRE void*d=(void*)(long)s->data,*e=(void*)(long)s->data_end; if(d+62>e) return 1000; __u32 sel=*(__u8*)d&63;
#define POST d=(void*)(long)s->data,e=(void*)(long)s->data_end; if(d+sel+1>e) return 2000; return *(__u8*)(d+sel);
#define T(N,CALL) SEC("tc") int N(struct __sk_buff*s){ PRE if(CALL) return 3000; POST }
#define X(N,CALL) SEC("xdp") int N(struct xdp_md*s){ PRE if(CALL) return 3000; POST }
#define D4 (1ULL<<7)
T(rn8,bpf_skb_adjust_room(s,8,BPF_ADJ_ROOM_NET,0)) T(rm20,bpf_skb_adjust_room(s,20,BPF_ADJ_ROOM_MAC,0)) T(rm8e,bpf_skb_adjust_room(s,8,BPF_ADJ_ROOM_MAC,BPF_F_ADJ_ROOM_ENCAP_L3_IPV4)) T(rnm4,bpf_skb_adjust_room(s,-4,BPF_ADJ_ROOM_NET,0)) T(rmm8,bpf_skb_adjust_room(s,-8,BPF_ADJ_ROOM_MAC,0)) T(rmm8d,bpf_skb_adjust_room(s,-8,BPF_ADJ_ROOM_MAC,D4))
T(ch14,bpf_skb_change_head(s,14,0)) T(ct,bpf_skb_change_tail(s,62,0)) T(ct2,bpf_skb_change_tail(s,100,0)) T(pd,bpf_skb_pull_data(s,62)) T(vp,bpf_skb_vlan_push(s,bpf_htons(0x8100),5)) T(vp2,bpf_skb_vlan_push(s,bpf_htons(0x8100),5)||bpf_skb_vlan_push(s,bpf_htons(0x88a8),6)) T(cp6,bpf_skb_change_proto(s,bpf_htons(ETH_P_IPV6),0)) T(vpp,bpf_skb_vlan_push(s,bpf_htons(0x8100),5)||bpf_skb_vlan_push(s,bpf_htons(0x88a8),6)||bpf_skb_vlan_pop(s)||bpf_skb_vlan_pop(s))
T(l4c,bpf_l4_csum_replace(s,40,0,1,2)) T(l3c,bpf_l3_csum_replace(s,24,0,1,2)) T(sb,bpf_skb_store_bytes(s,30,"\1\2",2,0)) T(l4z,bpf_l4_csum_replace(s,40,0,bpf_htons(1),2|BPF_F_MARK_MANGLED_0)) T(ecn,bpf_skb_ecn_set_ce(s)<0)
X(ahm,bpf_xdp_adjust_head(s,-14)) X(ahp,bpf_xdp_adjust_head(s,4)) X(atm,bpf_xdp_adjust_tail(s,-1)) X(atp,bpf_xdp_adjust_tail(s,30)) X(am,bpf_xdp_adjust_meta(s,-8)) X(xs,bpf_xdp_store_bytes(s,30,"\1\2",2)) X(ah2,bpf_xdp_adjust_head(s,10)||bpf_xdp_adjust_head(s,-20))
SEC("tc") int vpop(struct __sk_buff*s){ PRE if(bpf_skb_vlan_pop(s)) return 3000; POST }
SEC("tc") int cp4(struct __sk_buff*s){ PRE if(bpf_skb_change_proto(s,bpf_htons(ETH_P_IP),0)) return 3000; POST }
