// VLAN tags on their way through a port: a table says for each VLAN whether its tag is translated, taken off, or put
// behind a second one (802.1ad); an untagged frame gets the port's own VLAN.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLAN_ID 0x0fff
#define VLAN_PRIORITY 0xe000

struct vlan {
	__be16 tci;
	__be16 protocol; /* of what follows */
};

enum { TRANSLATE, POP, PUSH_OUTER };

struct rule {
	__u16 action;
	__u16 vlan;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u16); /* VLAN of the frame */
	__type(value, struct rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} frames SEC(".maps");

const volatile __u16 port_vlan = 1;

static void count(__u32 vlan)
{
	__u64 *counter = bpf_map_lookup_elem(&frames, &vlan);
	if (counter)
		*counter += 1;
}

/* The addresses move to the front, the tag goes behind them. */
static __noinline int push(struct xdp_md *ctx, __u16 protocol, __u16 tci)
{
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct vlan)))
		return XDP_ABORTED;

	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct ethhdr *old = (void *)eth + sizeof(struct vlan);
	struct vlan *tag = (void *)(eth + 1);

	if ((void *)(old + 1) > data_end)
		return XDP_ABORTED;
	__builtin_memmove(eth, old, 2 * ETH_ALEN);
	eth->h_proto = bpf_htons(protocol);
	tag->tci = bpf_htons(tci);
	return XDP_PASS;
}

static __noinline int pop(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct vlan *tag = (void *)(eth + 1);
	struct ethhdr *moved = (void *)eth + sizeof(*tag);

	if ((void *)(tag + 1) > data_end)
		return XDP_ABORTED;
	/* The tag's last two bytes are the EtherType that the shorter header needs. */
	__builtin_memmove(moved, eth, 2 * ETH_ALEN);
	return bpf_xdp_adjust_head(ctx, sizeof(*tag)) ? XDP_ABORTED : XDP_PASS;
}

SEC("xdp")
int rewrite(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct vlan *tag = (void *)(eth + 1);

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_8021Q) && eth->h_proto != bpf_htons(ETH_P_8021AD)) {
		count(port_vlan);
		return push(ctx, ETH_P_8021Q, port_vlan);
	}
	if ((void *)(tag + 1) > data_end)
		return XDP_DROP;

	__u16 tci = bpf_ntohs(tag->tci);
	__u16 vlan = tci & VLAN_ID;
	struct rule *rule = bpf_map_lookup_elem(&rules, &vlan);
	if (!rule)
		return XDP_DROP;

	count(vlan);
	switch (rule->action) {
	case TRANSLATE:
		tag->tci = bpf_htons((tci & VLAN_PRIORITY) | rule->vlan);
		return XDP_PASS;
	case POP:
		return pop(ctx);
	case PUSH_OUTER:
		return push(ctx, ETH_P_8021AD, (tci & VLAN_PRIORITY) | rule->vlan);
	default:
		return XDP_ABORTED;
	}
}

char _license[] SEC("license") = "GPL";
