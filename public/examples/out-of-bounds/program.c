// Reads a TCP header without asking whether the packet is long enough: fine for most packets, a fault for short ones.
// (The kernel's verifier refuses it for every packet.)
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int drop_telnet(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	return tcp->dest == bpf_htons(23) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
