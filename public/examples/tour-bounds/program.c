// Drops telnet. The headers of Ethernet and IP are read behind a comparison with data_end, the port is not.
// (The kernel's verifier refuses it for that.)
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int drop_telnet(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;

	/* Missing: if ((void *)(tcp + 1) > data_end) return XDP_PASS; */
	return tcp->dest == bpf_htons(23) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
