// One server on a whole range of ports and addresses: sk_lookup gives new connections and datagrams to the socket that a
// table of prefixes and port ranges names.
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10
#define MAX_RULES 4

struct rule {
	__u32 protocol;
	__u16 first_port;
	__u16 last_port;
	__u32 socket; /* index into sockets */
	__u32 drop;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_RULES);
	__type(key, __u32);
	__type(value, struct rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

struct seen {
	__u32 family;
	__u32 protocol;
	__u32 remote_ip4;
	__u32 local_ip4;
	__u32 remote_ip6_last;
	__u32 local_ip6_last;
	__u32 remote_port;
	__u32 local_port;
	__u32 ingress_ifindex;
	__s32 assigned;
	__s32 assigned_again;
	__s32 taken_back;
};

struct seen seen;

static __noinline int give(struct bpf_sk_lookup *ctx, __u32 index)
{
	struct bpf_sock *sk = bpf_map_lookup_elem(&sockets, &index);

	if (!sk)
		return SK_PASS;
	seen.assigned = bpf_sk_assign(ctx, sk, 0);
	/* A second socket needs to say that it replaces the first. */
	seen.assigned_again = bpf_sk_assign(ctx, sk, 0);
	if (ctx->local_port == 7777)
		seen.taken_back = bpf_sk_assign(ctx, 0, BPF_SK_LOOKUP_F_REPLACE);
	bpf_sk_release(sk);
	return SK_PASS;
}

SEC("sk_lookup")
int dispatch(struct bpf_sk_lookup *ctx)
{
	seen.family = ctx->family;
	seen.protocol = ctx->protocol;
	seen.remote_ip4 = ctx->remote_ip4;
	seen.local_ip4 = ctx->local_ip4;
	seen.remote_ip6_last = ctx->remote_ip6[3];
	seen.local_ip6_last = ctx->local_ip6[3];
	seen.remote_port = bpf_ntohs(ctx->remote_port);
	seen.local_port = ctx->local_port;
	seen.ingress_ifindex = ctx->ingress_ifindex;
	seen.assigned = seen.assigned_again = seen.taken_back = 0;
	for (__u32 i = 0; i < MAX_RULES; i++) {
		__u32 key = i;
		struct rule *rule = bpf_map_lookup_elem(&rules, &key);

		if (!rule || rule->protocol != ctx->protocol)
			continue;
		if (ctx->local_port < rule->first_port || ctx->local_port > rule->last_port)
			continue;
		return rule->drop ? SK_DROP : give(ctx, rule->socket);
	}
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
