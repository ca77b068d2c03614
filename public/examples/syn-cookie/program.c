// Answers TCP SYNs in place of a server with a cookie for a sequence number, and lets a client's packets through once its
// ACK has brought the cookie back. The cookie is a keyed hash of the connection that also carries the client's MSS.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_MSS 2
#define MAX_OPTIONS 40
#define HEADERS (sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct tcphdr))

struct client {
	__be32 address;
	__be16 port;
	__u16 mss;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, __u64); /* address and port */
	__type(value, struct client);
} clients SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

enum { SYN_SEEN, COOKIE_RIGHT, COOKIE_WRONG, STRANGER };

const volatile __u32 secret[2] = { 0x5bd1e995, 0xc2b2ae35 };
const volatile __be16 server_port = bpf_htons(80);
/* Two bits of the cookie name one of these. */
const volatile __u16 segment_sizes[4] = { 536, 1220, 1440, 1460 };

static void count(__u32 what)
{
	__u64 *counter = bpf_map_lookup_elem(&counters, &what);
	if (counter)
		*counter += 1;
}

static __noinline __u32 cookie_hash(__u32 address, __u32 ports, __u32 sequence)
{
	__u32 hash = secret[0] ^ sequence;

	hash = (hash ^ address) * 0x9e3779b1;
	hash = (hash << 13 | hash >> 19) ^ secret[1];
	hash = (hash ^ ports) * 0x85ebca77;
	return (hash ^ hash >> 15) & ~3u;
}

struct options {
	struct xdp_md *ctx;
	__u32 at;
	__u32 end;
	__u32 mss;
};

static int read_option(__u32 index, struct options *options)
{
	__u8 option[4];

	if (options->at + 4 > options->end || bpf_xdp_load_bytes(options->ctx, options->at, option, sizeof(option)))
		return 1;
	if (option[0] == OPTION_MSS && option[1] == 4)
		options->mss = option[2] << 8 | option[3];
	if (option[0] == OPTION_END || option[0] == OPTION_MSS || (option[0] != OPTION_NOP && option[1] < 2))
		return 1;
	options->at += option[0] == OPTION_NOP ? 1 : option[1];
	return 0;
}

/* The MSS option's value, or what a host that sends none can take (RFC 9293 section 3.7.1). */
static __noinline __u32 mss_option(struct xdp_md *ctx, __u32 at, __u32 end)
{
	struct options options = { ctx, at, end, 536 };

	bpf_loop(MAX_OPTIONS, read_option, &options, 0);
	return options.mss;
}

static __u16 folded(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

/* Turns the SYN into a SYN+ACK without options. */
static int answer(struct xdp_md *ctx, __u32 cookie)
{
	void *data_end = (void *)(long)ctx->data_end;
	int surplus = data_end - (void *)(long)ctx->data - (int)HEADERS;

	if (surplus > 0 && bpf_xdp_adjust_tail(ctx, -surplus))
		return XDP_ABORTED;
	data_end = (void *)(long)ctx->data_end;

	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > data_end)
		return XDP_ABORTED;
	__u8 mac[ETH_ALEN];
	__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, mac, ETH_ALEN);

	__be32 client = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->ttl = 64;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(*tcp));
	ip->check = 0;
	ip->check = folded(bpf_csum_diff(0, 0, (void *)ip, sizeof(*ip), 0));

	__be16 port = tcp->source;
	tcp->source = tcp->dest;
	tcp->dest = port;
	tcp->ack_seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
	tcp->seq = bpf_htonl(cookie);
	tcp->ack = 1;
	tcp->doff = 5;
	tcp->window = bpf_htons(65535);
	tcp->check = 0;
	/* The pseudo header: both addresses, protocol and length. */
	__u64 sum = bpf_csum_diff(0, 0, (void *)&ip->saddr, 8, bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(*tcp)));
	tcp->check = folded(bpf_csum_diff(0, 0, (void *)tcp, sizeof(*tcp), sum));
	return XDP_TX;
}

static __u32 size_index(__u32 mss)
{
	__u32 index = 0;

	for (int i = 1; i < 4; i++)
		if (segment_sizes[i] <= mss)
			index = i;
	return index;
}

SEC("xdp")
int guard(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;
	if (ip->protocol != IPPROTO_TCP || tcp->dest != server_port)
		return XDP_PASS;

	struct client client = { ip->saddr, tcp->source, 0 };
	__u64 key = (__u64)ip->saddr << 16 | tcp->source;
	__u32 ports = (__u32)tcp->source << 16 | tcp->dest;
	if (tcp->syn && !tcp->ack) {
		__u32 mss = mss_option(ctx, HEADERS, sizeof(*eth) + sizeof(*ip) + tcp->doff * 4);

		count(SYN_SEEN);
		return answer(ctx, cookie_hash(ip->saddr, ports, bpf_ntohl(tcp->seq)) | size_index(mss));
	}
	if (bpf_map_lookup_elem(&clients, &key))
		return XDP_PASS;
	if (!tcp->ack || tcp->rst) {
		count(STRANGER);
		return XDP_DROP;
	}

	__u32 cookie = bpf_ntohl(tcp->ack_seq) - 1;
	if ((cookie & ~3u) != cookie_hash(ip->saddr, ports, bpf_ntohl(tcp->seq) - 1)) {
		count(COOKIE_WRONG);
		return XDP_DROP;
	}
	client.mss = segment_sizes[cookie & 3];
	bpf_map_update_elem(&clients, &key, &client, BPF_ANY);
	count(COOKIE_RIGHT);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
