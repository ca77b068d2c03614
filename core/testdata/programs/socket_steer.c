// Transparent delivery: tc looks up the socket a packet would reach, lets packets of known connections through, and gives
// new ones for any port to a proxy's listening socket with bpf_sk_assign.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* What the sockets that were found say of themselves. */
struct found {
	__u32 family;
	__u32 type;
	__u32 protocol;
	__u32 mark;
	__u32 state;
	__u32 src_ip4;
	__u32 src_port;
	__u32 dst_port;
	__u32 dst_ip4;
	__u32 src_ip6[4];
	__u32 dst_ip6[4];
	__u32 is_full;
	__u32 is_tcp;
	__u32 listens;
};

enum { NONE, UDP, ESTABLISHED, LISTENING, OTHER, PROXIED, KINDS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} kinds SEC(".maps");

struct found last_found;
__s64 assigned;
const volatile __be16 proxy_port = bpf_htons(3128);

static int count(__u32 kind)
{
	__u64 *value = bpf_map_lookup_elem(&kinds, &kind);

	if (value)
		*value += 1;
	return kind;
}

/* Addresses and ports lie in the packet as in the tuple, with the rest of the header between them. */
static __u32 read_tuple(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u8 *protocol)
{
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.ihl != 5)
			return 0;
		*protocol = ip.protocol;
		tuple->ipv4.saddr = ip.saddr;
		tuple->ipv4.daddr = ip.daddr;
		return bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &tuple->ipv4.sport, 4) ? 0 : sizeof(tuple->ipv4);
	}
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return 0;
		*protocol = ip.nexthdr;
		__builtin_memcpy(tuple->ipv6.saddr, &ip.saddr, 16);
		__builtin_memcpy(tuple->ipv6.daddr, &ip.daddr, 16);
		return bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &tuple->ipv6.sport, 4) ? 0 : sizeof(tuple->ipv6);
	}
	return 0;
}

static void describe(struct bpf_sock *sk)
{
	last_found.family = sk->family;
	last_found.type = sk->type;
	last_found.protocol = sk->protocol;
	last_found.mark = sk->mark;
	last_found.state = sk->state;
	last_found.src_ip4 = sk->src_ip4;
	last_found.src_port = sk->src_port;
	last_found.dst_port = sk->dst_port;
	last_found.dst_ip4 = sk->dst_ip4;
	for (int i = 0; i < 4; i++) {
		last_found.src_ip6[i] = sk->src_ip6[i];
		last_found.dst_ip6[i] = sk->dst_ip6[i];
	}
	last_found.is_full = bpf_sk_fullsock(sk) != 0;
	last_found.is_tcp = bpf_tcp_sock(sk) != 0;
	last_found.listens = bpf_get_listener_sock(sk) != 0;
}

static __noinline int look_up_udp(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size)
{
	struct bpf_sock *sk = bpf_sk_lookup_udp(skb, tuple, size, BPF_F_CURRENT_NETNS, 0);

	if (!sk)
		return count(NONE);
	describe(sk);
	bpf_sk_release(sk);
	return count(UDP);
}

static __noinline int look_up_tcp(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size)
{
	struct bpf_sock *sk = bpf_skc_lookup_tcp(skb, tuple, size, BPF_F_CURRENT_NETNS, 0), *full;
	int kind = OTHER;

	if (!sk)
		return count(NONE);
	/* A request, or a connection in its last wait, has fewer fields. */
	full = bpf_sk_fullsock(sk);
	if (full)
		describe(full);
	if (sk->state == BPF_TCP_LISTEN || sk->state == BPF_TCP_ESTABLISHED)
		kind = sk->state == BPF_TCP_LISTEN ? LISTENING : ESTABLISHED;
	bpf_sk_release(sk);
	return count(kind);
}

/* A listener on the proxy's port, whatever the packet's own port is. */
static __noinline int to_proxy(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size)
{
	struct bpf_sock *sk;

	if (size == sizeof(tuple->ipv4))
		tuple->ipv4.dport = proxy_port;
	else
		tuple->ipv6.dport = proxy_port;
	sk = bpf_sk_lookup_tcp(skb, tuple, size, BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return TC_ACT_SHOT;
	if (sk->state != BPF_TCP_LISTEN) {
		bpf_sk_release(sk);
		return TC_ACT_SHOT;
	}
	assigned = bpf_sk_assign(skb, sk, 0);
	bpf_sk_release(sk);
	count(PROXIED);
	return TC_ACT_OK;
}

SEC("tc")
int steer(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	__u8 protocol = 0;
	__u32 size = read_tuple(skb, &tuple, &protocol);

	if (size != sizeof(tuple.ipv4) && size != sizeof(tuple.ipv6))
		return TC_ACT_OK;
	__builtin_memset(&last_found, 0, sizeof(last_found));
	if (protocol == IPPROTO_UDP)
		return look_up_udp(skb, &tuple, size) == NONE ? TC_ACT_SHOT : TC_ACT_OK;
	if (protocol != IPPROTO_TCP)
		return TC_ACT_OK;
	return look_up_tcp(skb, &tuple, size) == NONE ? to_proxy(skb, &tuple, size) : TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
