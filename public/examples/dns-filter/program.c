// Reads the question of a DNS query with bpf_loop, byte by byte as labels come, and answers queries for blocked names and
// their subdomains with NXDOMAIN; the others pass and are counted by type.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_NAME 64
#define MAX_LABEL 63
#define DNS_OFFSET (sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr))

struct dns {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additional;
};

#define DNS_RESPONSE 0x8000
#define DNS_NXDOMAIN 0x0003

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64); /* hash of the name, lower case */
	__type(value, __u64);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u16); /* type of the record */
	__type(value, __u64);
} types SEC(".maps");

__u64 malformed;
char last_name[MAX_NAME];

/* A name is hashed from its end, so that each dot passed gives the hash of a domain above it. */
struct reading {
	struct xdp_md *ctx;
	__u32 at;
	__u32 length;	 /* of the name so far */
	__u32 label;	 /* bytes of the label still to come */
	__u32 done;
	__u8 name[MAX_NAME];
};

static int read_byte(__u32 index, struct reading *reading)
{
	__u8 byte;

	if (bpf_xdp_load_bytes(reading->ctx, reading->at + index, &byte, 1))
		return 1;
	if (reading->label == 0) {
		if (byte == 0) {
			reading->done = 1;
			return 1;
		}
		if (byte > MAX_LABEL) /* a compressed name has no place in a question */
			return 1;
		reading->label = byte;
		if (reading->length == 0)
			return 0;
		byte = '.';
	} else {
		reading->label -= 1;
	}
	if (byte >= 'A' && byte <= 'Z')
		byte += 'a' - 'A';
	if (reading->length >= MAX_NAME)
		return 1;
	reading->name[reading->length & (MAX_NAME - 1)] = byte;
	reading->length += 1;
	return 0;
}

struct matching {
	struct reading *reading;
	__u64 hash;
	__u32 length;
	__u32 found;
};

static int match_suffix(__u32 index, struct matching *matching)
{
	__u32 at = matching->length - 1 - index;
	__u8 byte = matching->reading->name[at & (MAX_NAME - 1)];

	if (byte == '.') {
		__u64 *count = bpf_map_lookup_elem(&blocked, &matching->hash);

		if (count) {
			*count += 1;
			matching->found = 1;
			return 1;
		}
	}
	matching->hash = (matching->hash ^ byte) * 0x100000001b3;
	return 0;
}

static __noinline int is_blocked(struct reading *reading)
{
	struct matching matching = { reading, 0xcbf29ce484222325, reading->length, 0 };

	bpf_loop(reading->length, match_suffix, &matching, 0);
	if (matching.found)
		return 1;
	__u64 *count = bpf_map_lookup_elem(&blocked, &matching.hash);
	if (count)
		*count += 1;
	return count != 0;
}

static void count_type(__u16 type)
{
	__u64 one = 1, *count = bpf_map_lookup_elem(&types, &type);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&types, &type, &one, BPF_NOEXIST);
}

static int refuse(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct dns *dns = (void *)(udp + 1);
	__u8 mac[ETH_ALEN];

	if ((void *)(dns + 1) > data_end)
		return XDP_ABORTED;
	__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, mac, ETH_ALEN);
	__be32 client = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = client;
	__be16 port = udp->source;
	udp->source = udp->dest;
	udp->dest = port;
	udp->check = 0; /* IPv4 allows none */
	dns->flags |= bpf_htons(DNS_RESPONSE | DNS_NXDOMAIN);
	return XDP_TX;
}

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct dns *dns = (void *)(udp + 1);
	struct reading reading = { .ctx = ctx, .at = DNS_OFFSET + sizeof(*dns) };
	__be16 type;

	if ((void *)(dns + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;
	if (ip->protocol != IPPROTO_UDP || udp->dest != bpf_htons(53) || dns->flags & bpf_htons(DNS_RESPONSE))
		return XDP_PASS;

	long read = bpf_loop(256, read_byte, &reading, 0);
	if (!reading.done || dns->questions != bpf_htons(1) || bpf_xdp_load_bytes(ctx, reading.at + read, &type, sizeof(type))) {
		malformed += 1;
		return XDP_DROP;
	}
	__builtin_memcpy(last_name, reading.name, MAX_NAME);
	count_type(bpf_ntohs(type));
	return is_blocked(&reading) ? refuse(ctx) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
