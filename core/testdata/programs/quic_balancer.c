// Steers QUIC packets by the server number that a server put into its connection ids, and sums the payload as a probe for
// damaged packets: xdp with a dynptr to read and write the packet, and bpf_xdp_load_bytes for what lies beyond.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define LONG_HEADER 0x80
#define FIXED_BIT 0x40
#define MAX_SERVERS 8
#define CHUNK 16

extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *ptr, struct bpf_dynptr *clone) __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *ptr, __u32 start, __u32 end) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *ptr) __ksym;

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

struct server {
	__u8 mac[ETH_ALEN];
	__u16 alive;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, struct server);
} servers SEC(".maps");

__u64 payload_sum;
__u32 long_headers, short_headers, payload_bytes;

struct summing {
	struct xdp_md *ctx;
	__u32 at;
	__u32 end;
	__u64 sum;
};

static int sum_chunk(__u32 index, struct summing *summing)
{
	__u8 chunk[CHUNK] = {};
	__u32 left = summing->end - summing->at;

	if (summing->at >= summing->end)
		return 1;
	if (left >= CHUNK) {
		if (bpf_xdp_load_bytes(summing->ctx, summing->at, chunk, CHUNK))
			return 1;
	} else if (bpf_xdp_load_bytes(summing->ctx, summing->end - 1, chunk, 1)) {
		return 1;
	}
	for (int i = 0; i < CHUNK; i++)
		summing->sum = summing->sum * 31 + chunk[i];
	summing->at += CHUNK;
	return 0;
}

static __u32 server_number(const struct bpf_dynptr *quic, __u32 size)
{
	__u8 buffer[7], *head = bpf_dynptr_slice(quic, 0, buffer, sizeof(buffer));

	if (!head || !(head[0] & FIXED_BIT))
		return MAX_SERVERS;
	if (head[0] & LONG_HEADER) {
		/* flags, version (4), length of the destination's id, the id */
		long_headers += 1;
		return head[5] > 0 ? head[6] % MAX_SERVERS : size % MAX_SERVERS;
	}
	short_headers += 1;
	return head[1] % MAX_SERVERS;
}

SEC("xdp")
int steer(struct xdp_md *ctx)
{
	struct headers buffer, *headers;
	struct bpf_dynptr packet, quic;

	if (bpf_dynptr_from_xdp(ctx, 0, &packet))
		return XDP_ABORTED;
	headers = bpf_dynptr_slice_rdwr(&packet, 0, &buffer, sizeof(buffer));
	if (!headers || headers->eth.h_proto != bpf_htons(ETH_P_IP) || headers->ip.ihl != 5)
		return XDP_PASS;
	if (headers->ip.protocol != IPPROTO_UDP || headers->udp.dest != bpf_htons(443))
		return XDP_PASS;

	__u32 size = bpf_dynptr_size(&packet);
	if (bpf_dynptr_clone(&packet, &quic) || bpf_dynptr_adjust(&quic, sizeof(*headers), size))
		return XDP_DROP;
	payload_bytes = bpf_dynptr_size(&quic);
	struct summing summing = { ctx, sizeof(*headers), size, 0 };
	bpf_loop(128, sum_chunk, &summing, 0);
	payload_sum = summing.sum;

	__u32 number = server_number(&quic, payload_bytes);
	struct server *server = bpf_map_lookup_elem(&servers, &number);
	if (!server || !server->alive)
		return XDP_DROP;
	server->packets += 1;

	__u8 mac_buffer[2 * ETH_ALEN], *macs = bpf_dynptr_slice_rdwr(&packet, 0, mac_buffer, sizeof(mac_buffer));
	if (!macs)
		return XDP_DROP;
	__builtin_memcpy(macs + ETH_ALEN, macs, ETH_ALEN);
	__builtin_memcpy(macs, server->mac, ETH_ALEN);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
