// Sends TCP traffic for port 8080 to port 80: rewrites the port and corrects the checksum.
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TCP_OFFSET (ETH_HLEN + sizeof(struct iphdr))

SEC("tc")
int rewrite_port(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__be16 from = bpf_htons(8080), to = bpf_htons(80);

	if ((void *)(tcp + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	if (ip->protocol != IPPROTO_TCP || ip->ihl != 5 || tcp->dest != from)
		return TC_ACT_OK;

	bpf_l4_csum_replace(skb, TCP_OFFSET + offsetof(struct tcphdr, check), from, to, sizeof(to));
	bpf_skb_store_bytes(skb, TCP_OFFSET + offsetof(struct tcphdr, dest), &to, sizeof(to), 0);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
