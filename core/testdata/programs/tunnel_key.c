// Picks the tunnel by destination for a VXLAN or Geneve device in collect-metadata mode: bpf_skb_set_tunnel_key says where
// the device sends the packet, and what it came with is read back and checked.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct tunnel {
	__u32 id;
	__u32 remote; /* host byte order */
	__u32 device;
	__u32 option; /* 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be32);
	__type(value, struct tunnel);
} tunnels SEC(".maps");

struct option {
	__be16 class;
	__u8 type;
	__u8 words; /* of data */
	__be32 data;
};

struct seen {
	struct bpf_tunnel_key key;
	__s32 set;
	__s32 get;
	__s32 get_other_family;
	__s32 get_short;
	__s32 set_option;
	__s32 get_option;
	struct option option;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

static __noinline void read_back(struct __sk_buff *skb, struct seen *seen)
{
	struct bpf_tunnel_key key = {};

	if (!seen)
		return;
	seen->get_other_family = bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6);
	seen->get_short = bpf_skb_get_tunnel_key(skb, &key, 12, 0);
	seen->get = bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0);
	seen->key = key;
}

SEC("tc")
int to_tunnel(struct __sk_buff *skb)
{
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = (void *)(long)skb->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct bpf_tunnel_key key = {};
	__u32 zero = 0;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	struct tunnel *tunnel = bpf_map_lookup_elem(&tunnels, &ip->daddr);
	struct seen *result = bpf_map_lookup_elem(&seen, &zero);
	if (!tunnel || !result)
		return TC_ACT_SHOT;

	key.tunnel_id = tunnel->id;
	key.remote_ipv4 = tunnel->remote;
	key.local_ipv4 = 0x0a000001;
	key.tunnel_tos = ip->tos;
	key.tunnel_ttl = 64;
	result->set = bpf_skb_set_tunnel_key(skb, &key, sizeof(key), tunnel->option ? BPF_F_ZERO_CSUM_TX : BPF_F_DONT_FRAGMENT);
	if (tunnel->option) {
		struct option option = { bpf_htons(0x102), 1, 1, bpf_htonl(tunnel->option) };

		result->set_option = bpf_skb_set_tunnel_opt(skb, &option, sizeof(option));
	}
	result->get_option = bpf_skb_get_tunnel_opt(skb, &result->option, sizeof(result->option));
	read_back(skb, result);
	return bpf_redirect(tunnel->device, 0);
}

SEC("tc")
int to_tunnel6(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = { .tunnel_id = 77, .tunnel_ttl = 32, .tunnel_tos = 8 };
	struct seen *result;
	__u32 one = 1;

	result = bpf_map_lookup_elem(&seen, &one);
	if (!result)
		return TC_ACT_SHOT;
	key.remote_ipv6[0] = bpf_htonl(0x20010db8);
	key.remote_ipv6[3] = bpf_htonl(2);
	key.tunnel_label = 0x12345;
	/* A flow label is IPv6's alone. */
	result->set_option = bpf_skb_set_tunnel_key(skb, &key, sizeof(key), 0);
	result->set = bpf_skb_set_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6 | BPF_F_SEQ_NUMBER);
	result->get_other_family = bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0);
	result->get_short = bpf_skb_get_tunnel_key(skb, &key, 8, BPF_F_TUNINFO_IPV6);
	result->get = bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6);
	result->key = key;
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
