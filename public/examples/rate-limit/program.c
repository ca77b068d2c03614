// Every source address has a bucket of tokens; a packet takes one, and without tokens it is dropped. A timer in the bucket
// fills it again, and takes it away when it has stayed full.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define CLOCK_MONOTONIC 1

struct bucket {
	struct bpf_timer refill;
	__u32 tokens;
	__u32 dropped;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __be32);
	__type(value, struct bucket);
} buckets SEC(".maps");

const volatile __u32 capacity = 3;
const volatile __u32 tokens_each = 2;
const volatile __u64 interval = 200 * 1000 * 1000; /* ns */
__u32 refills, expired, dropped;

static int refill(void *map, __be32 *source, struct bucket *bucket)
{
	refills += 1;
	if (bucket->tokens >= capacity) {
		expired += 1;
		bpf_map_delete_elem(map, source);
		return 0;
	}
	bucket->tokens += tokens_each;
	if (bucket->tokens > capacity)
		bucket->tokens = capacity;
	bpf_timer_start(&bucket->refill, interval, 0);
	return 0;
}

static __noinline struct bucket *new_bucket(__be32 source)
{
	struct bucket empty = { .tokens = capacity };

	if (bpf_map_update_elem(&buckets, &source, &empty, BPF_NOEXIST))
		return 0;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket)
		return 0;
	if (bpf_timer_init(&bucket->refill, &buckets, CLOCK_MONOTONIC))
		return 0;
	bpf_timer_set_callback(&bucket->refill, refill);
	bpf_timer_start(&bucket->refill, interval, 0);
	return bucket;
}

SEC("xdp")
int limit(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	__be32 source = ip->saddr;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket)
		bucket = new_bucket(source);
	if (!bucket)
		return XDP_ABORTED;
	if (bucket->tokens == 0) {
		__sync_fetch_and_add(&bucket->dropped, 1);
		__sync_fetch_and_add(&dropped, 1);
		return XDP_DROP;
	}
	bucket->tokens -= 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
