// Locals in all the places a compiler finds for them: registers, the stack, constants, nowhere. Counts packets by size,
// and drops those whose flow has sent too many bytes.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define LIMIT 4096
#define WORDS 4

enum size { TINY, SMALL, LARGE = 7, HUGE = 300 };

struct flags {
	__u32 dont_fragment : 1;
	__u32 more : 1;
	__s32 hops_left : 5;
	__u32 size : 9; /* an enum size */
	__u32 port : 16;
};

struct flow {
	__be32 source;
	__be32 destination;
	struct {
		__be16 source;
		__be16 destination;
	} ports;
	__u8 protocol;
	__u8 padding[3];
};

struct usage {
	__u64 packets;
	__u64 bytes;
	struct flags last;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, struct usage);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32[WORDS]);
} last_words SEC(".maps");

__u64 dropped;

/* A subprogram: its parameters arrive in registers. */
static __noinline enum size size_of(__u32 length, int padded)
{
	if (padded)
		length -= 4;
	if (length < 64)
		return TINY;
	if (length < 200)
		return SMALL;
	return length < 1500 ? LARGE : HUGE;
}

/* Inlined twice; `sum` lives in a register, `i` is gone with the loop. */
static __always_inline __u32 folded(const __u32 *words, __u32 seed)
{
	__u32 sum = seed;

	for (int i = 0; i < WORDS; i++)
		sum = (sum << 5) - sum + words[i];
	return sum ^ (sum >> 16);
}

/* Inlined, and inlines another. */
static __always_inline int fill(struct flow *flow, const struct iphdr *ip, const struct udphdr *udp, __u32 *words)
{
	__u32 before = folded(words, 17);

	flow->source = ip->saddr;
	flow->destination = ip->daddr;
	flow->ports.source = udp->source;
	flow->ports.destination = udp->dest;
	flow->protocol = ip->protocol;
	words[0] = ip->saddr;
	words[1] = ip->daddr;
	words[2] = before;
	return folded(words, before) & 1;
}

SEC("xdp")
int locals(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	__u32 unused = ctx->ingress_ifindex * 3;
	const int retries = 3;

	if ((void *)(udp + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;

	__u32 words[WORDS] = { ctx->rx_queue_index, 0, 0, retries };
	struct flow flow = {};
	__u32 key = 0;
	int odd = fill(&flow, ip, udp, words);

	bpf_map_update_elem(&last_words, &key, words, BPF_ANY);

	__u32 length = data_end - data;
	enum size size = size_of(length, odd);
	struct usage *usage = bpf_map_lookup_elem(&flows, &flow);
	struct usage first = {};

	/* Kept over the calls below: more than fit into r6 to r9. */
	__u64 now = bpf_ktime_get_ns();
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 dice = bpf_get_prandom_u32();
	__u64 spread = now % 1000 + length;

	struct flags flags = {
		.dont_fragment = !!(ip->frag_off & bpf_htons(0x4000)),
		.more = !!(ip->frag_off & bpf_htons(0x2000)),
		.hops_left = (int)ip->ttl - 64,
		.size = size,
		.port = bpf_ntohs(udp->dest),
	};

	first.packets = 1;
	first.bytes = length;
	first.last = flags;
	if (!usage) {
		bpf_map_update_elem(&flows, &flow, &first, BPF_NOEXIST);
		return XDP_PASS;
	}

	usage->packets += 1;
	usage->bytes += length;
	usage->last = flags;
	bpf_printk("cpu %u dice %u spread %llu", cpu, dice, spread);
	if (usage->bytes > LIMIT && (dice ^ cpu) % 4 != spread % 4) {
		dropped += 1;
		return XDP_DROP;
	}
	return size == HUGE ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
