// A layer 4 load balancer in the manner of Katran: a packet for a virtual address goes, by consistent hash, to a
// real server inside an IPv4 tunnel, and a connection stays with the server it has.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define RING_SIZE 13 /* slots of a service's ring: a prime, as Maglev wants it */
#define MAX_SERVICES 4
#define MAX_SERVERS 8
#define IP_FRAGMENT 0x3fff

struct service_key {
	__be32 address;
	__be16 port;
	__u8 protocol;
	__u8 unused;
};

struct flow {
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	__u32 protocol;
};

struct server {
	__be32 address;
	__u8 mac[ETH_ALEN];
	__u16 unused;
};

struct counters {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SERVICES);
	__type(key, struct service_key);
	__type(value, __u32); /* number of the service */
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVICES *RING_SIZE);
	__type(key, __u32);
	__type(value, __u32); /* number of the server */
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, struct server);
} servers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u32);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, struct counters);
} statistics SEC(".maps");

const volatile __be32 balancer_address = bpf_htonl(0x0a000001);
__u64 new_connections;

static __noinline __u32 flow_hash(const struct flow *flow)
{
	__u32 hash = flow->source ^ ((__u32)flow->source_port << 16 | flow->destination_port);

	hash ^= hash >> 16;
	hash *= 0x7feb352d;
	hash ^= flow->destination;
	hash ^= hash >> 15;
	hash *= 0x846ca68b;
	return hash ^ hash >> 16;
}

static __u16 header_checksum(const struct iphdr *ip)
{
	const __u16 *words = (const void *)ip;
	__u32 sum = 0;

	for (int i = 0; i < 10; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

static int encapsulate(struct xdp_md *ctx, const struct server *server, __u16 length)
{
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct iphdr)))
		return -1;

	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct ethhdr *old = (void *)eth + sizeof(struct iphdr);
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(old + 1) > data_end || (void *)(ip + 1) > data_end)
		return -1;
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, server->mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(length + sizeof(*ip));
	ip->ttl = 64;
	ip->protocol = IPPROTO_IPIP;
	ip->saddr = balancer_address;
	ip->daddr = server->address;
	ip->check = header_checksum(ip);
	return 0;
}

static __u32 *choose(const struct flow *flow, __u32 service, int opens)
{
	__u32 *known = opens ? 0 : bpf_map_lookup_elem(&connections, flow);
	if (known)
		return known;

	__u32 slot = service * RING_SIZE + flow_hash(flow) % RING_SIZE;
	__u32 *number = bpf_map_lookup_elem(&rings, &slot);
	if (number && !bpf_map_update_elem(&connections, flow, number, BPF_ANY))
		__sync_fetch_and_add(&new_connections, 1);
	return number;
}

SEC("xdp")
int balance(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *ports = (void *)(ip + 1); /* TCP has its ports at the same place */
	struct flow flow = {};
	int opens = 0;

	if ((void *)(ports + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (ip->ihl != 5 || ip->frag_off & bpf_htons(IP_FRAGMENT))
		return XDP_DROP;
	if (ip->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)ports;

		if ((void *)(tcp + 1) > data_end)
			return XDP_DROP;
		opens = tcp->syn && !tcp->ack;
	} else if (ip->protocol != IPPROTO_UDP) {
		return XDP_PASS;
	}

	struct service_key key = { ip->daddr, ports->dest, ip->protocol, 0 };
	__u32 *service = bpf_map_lookup_elem(&services, &key);
	if (!service)
		return XDP_PASS;

	flow.source = ip->saddr;
	flow.destination = ip->daddr;
	flow.source_port = ports->source;
	flow.destination_port = ports->dest;
	flow.protocol = ip->protocol;
	__u32 *number = choose(&flow, *service, opens);
	struct server *server = number ? bpf_map_lookup_elem(&servers, number) : 0;
	if (!server || !server->address)
		return XDP_DROP;

	struct counters *counters = bpf_map_lookup_elem(&statistics, number);
	if (counters) {
		counters->packets++;
		counters->bytes += data_end - (void *)eth;
	}
	return encapsulate(ctx, server, bpf_ntohs(ip->tot_len)) ? XDP_ABORTED : XDP_TX;
}

char _license[] SEC("license") = "GPL";
