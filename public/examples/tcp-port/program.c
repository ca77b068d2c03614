// Keeps the first 64 bytes of packets to TCP port 80, and nothing of any other.
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define KEEP 64

SEC("socket")
int http_only(struct __sk_buff *skb)
{
	__u16 proto, port;
	__u8 ihl, protocol;

	if (bpf_skb_load_bytes(skb, offsetof(struct ethhdr, h_proto), &proto, 2) < 0)
		return 0;
	if (proto != bpf_htons(ETH_P_IP))
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, protocol), &protocol, 1) < 0)
		return 0;
	if (protocol != IPPROTO_TCP)
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ihl, 1) < 0)
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + (ihl & 15) * 4 + offsetof(struct tcphdr, dest), &port, 2) < 0)
		return 0;

	return port == bpf_htons(80) ? KEEP : 0;
}

char _license[] SEC("license") = "GPL";
