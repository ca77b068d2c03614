// What helpers and kernel functions answer at their edges: each answer goes into the next place of an array. Dynptrs,
// iterators, SYN cookies, routes, sockets and tunnels, asked for too much, with unknown flags or in the wrong order.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10
#define AF_UNIX 1

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *ptr, __u32 start, __u32 end) __ksym;
extern _Bool bpf_dynptr_is_null(const struct bpf_dynptr *ptr) __ksym;
extern _Bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *ptr) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *ptr) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *ptr, struct bpf_dynptr *clone) __ksym;

struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __s64);
} answers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[8]);
} memory SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __noinline void note(__u32 index, __s64 answer)
{
	bpf_map_update_elem(&answers, &index, &answer, BPF_ANY);
}

#define NOTE(answer) note(__COUNTER__, answer)
/* Pointers differ from run to run: only whether there is one. */
#define NOTE_POINTER(pointer) note(__COUNTER__, (pointer) ? 1 : 2)

static void dynptr_reads(struct bpf_dynptr *ptr)
{
	__u64 word = 0;

	NOTE(bpf_dynptr_size(ptr));
	NOTE(bpf_dynptr_is_null(ptr));
	NOTE(bpf_dynptr_is_rdonly(ptr));
	NOTE(bpf_dynptr_read(&word, sizeof(word), ptr, 0, 0));
	NOTE(word);
	NOTE(bpf_dynptr_read(&word, sizeof(word), ptr, 57, 0));
	NOTE(bpf_dynptr_read(&word, sizeof(word), ptr, -4, 0));
	NOTE(bpf_dynptr_read(&word, 1, ptr, 5, 1));
	word = 0x1122334455667788;
	NOTE(bpf_dynptr_write(ptr, 8, &word, sizeof(word), 0));
	NOTE(bpf_dynptr_write(ptr, 60, &word, sizeof(word), 0));
	NOTE(bpf_dynptr_write(ptr, 0, &word, 4, 1));
	NOTE(bpf_dynptr_write(ptr, 0, &word, 4, 2));
	NOTE(bpf_dynptr_write(ptr, 0, &word, 4, 4));
	NOTE_POINTER(bpf_dynptr_data(ptr, 4, 8));
	NOTE_POINTER(bpf_dynptr_data(ptr, 60, 8));
}

static void dynptr_adjusts(struct bpf_dynptr *ptr)
{
	struct bpf_dynptr copy;
	__u32 word = 0;

	NOTE(bpf_dynptr_adjust(ptr, 5, 4));
	NOTE(bpf_dynptr_adjust(ptr, 65, 65));
	NOTE(bpf_dynptr_adjust(ptr, 0, 1000));
	NOTE(bpf_dynptr_adjust(ptr, 4, 20));
	NOTE(bpf_dynptr_size(ptr));
	NOTE(bpf_dynptr_read(&word, sizeof(word), ptr, 0, 0));
	NOTE(word);
	NOTE(bpf_dynptr_read(&word, sizeof(word), ptr, 13, 0));
	NOTE(bpf_dynptr_clone(ptr, &copy));
	NOTE(bpf_dynptr_adjust(&copy, 16, 16));
	NOTE(bpf_dynptr_size(&copy));
	NOTE(bpf_dynptr_size(ptr));
	NOTE(bpf_dynptr_read(&word, 0, &copy, 0, 0));
	NOTE(bpf_dynptr_read(&word, 1, &copy, 0, 0));
}

SEC("xdp")
int memory_dynptrs(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr, refused;
	__u32 zero = 0;
	__u64 *bytes = bpf_map_lookup_elem(&memory, &zero), word = 7;

	if (!bytes)
		return XDP_ABORTED;
	for (int i = 0; i < 8; i++)
		bytes[i] = 0x0101010101010101 * (i + 1);
	NOTE(bpf_dynptr_from_mem(bytes, 64, 1, &refused));
	NOTE(bpf_dynptr_size(&refused));
	NOTE(bpf_dynptr_is_null(&refused));
	NOTE(bpf_dynptr_is_rdonly(&refused));
	NOTE(bpf_dynptr_read(&word, 1, &refused, 0, 0));
	NOTE(bpf_dynptr_write(&refused, 0, &word, 1, 0));
	NOTE(bpf_dynptr_adjust(&refused, 0, 0));
	NOTE_POINTER(bpf_dynptr_data(&refused, 0, 1));
	NOTE(bpf_dynptr_from_mem(bytes, 64, 0, &ptr));
	dynptr_reads(&ptr);
	NOTE_POINTER(bpf_dynptr_slice(&ptr, 56, 0, 8));
	NOTE_POINTER(bpf_dynptr_slice(&ptr, 57, 0, 8));
	NOTE_POINTER(bpf_dynptr_slice_rdwr(&ptr, 0, &word, 8));
	dynptr_adjusts(&ptr);
	return XDP_PASS;
}

SEC("xdp")
int ring_dynptrs(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr;
	__u64 word = 5;

	NOTE(bpf_ringbuf_reserve_dynptr(&ring, 64, 1, &ptr));
	NOTE(bpf_dynptr_is_null(&ptr));
	bpf_ringbuf_discard_dynptr(&ptr, 0);
	NOTE(bpf_ringbuf_reserve_dynptr(&ring, 0x1000000, 0, &ptr));
	bpf_ringbuf_submit_dynptr(&ptr, 0);
	NOTE(bpf_ringbuf_reserve_dynptr(&ring, 5000, 0, &ptr));
	bpf_ringbuf_submit_dynptr(&ptr, 0);
	NOTE(bpf_ringbuf_reserve_dynptr(&ring, 16, 0, &ptr));
	NOTE(bpf_dynptr_size(&ptr));
	NOTE(bpf_dynptr_write(&ptr, 0, &word, sizeof(word), 0));
	NOTE(bpf_dynptr_write(&ptr, 12, &word, sizeof(word), 0));
	NOTE(bpf_dynptr_write(&ptr, 8, &word, sizeof(word), 2));
	NOTE(bpf_dynptr_write(&ptr, 8, &word, sizeof(word), 0));
	NOTE(bpf_ringbuf_query(&ring, BPF_RB_PROD_POS));
	bpf_ringbuf_submit_dynptr(&ptr, 0);
	NOTE(bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
	NOTE(bpf_ringbuf_reserve_dynptr(&ring, 3000, 0, &ptr));
	NOTE(bpf_dynptr_size(&ptr));
	bpf_ringbuf_discard_dynptr(&ptr, 0);
	NOTE(bpf_ringbuf_reserve_dynptr(&ring, 2000, 0, &ptr));
	bpf_ringbuf_discard_dynptr(&ptr, 0);
	NOTE(bpf_ringbuf_query(&ring, 77));
	return XDP_PASS;
}

SEC("xdp")
int xdp_dynptrs(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr, refused;
	__u8 buffer[8] = {}, *bytes;

	NOTE(bpf_dynptr_from_xdp(ctx, 1, &refused));
	NOTE(bpf_dynptr_is_null(&refused));
	NOTE_POINTER(bpf_dynptr_slice(&refused, 0, buffer, sizeof(buffer)));
	NOTE(bpf_dynptr_from_xdp(ctx, 0, &ptr));
	dynptr_reads(&ptr);
	bytes = bpf_dynptr_slice(&ptr, 6, buffer, sizeof(buffer));
	NOTE(bytes ? bytes[0] << 8 | bytes[7] : -1);
	bytes = bpf_dynptr_slice_rdwr(&ptr, 0, buffer, sizeof(buffer));
	if (bytes)
		bytes[1] = 0xee;
	NOTE(bpf_xdp_adjust_tail(ctx, -40));
	/* The packet is shorter now than the dynptr remembers. */
	NOTE(bpf_dynptr_size(&ptr));
	NOTE_POINTER(bpf_dynptr_slice(&ptr, 50, buffer, sizeof(buffer)));
	NOTE(bpf_dynptr_read(buffer, sizeof(buffer), &ptr, 50, 0));
	NOTE(bpf_dynptr_write(&ptr, 50, buffer, sizeof(buffer), 0));
	dynptr_adjusts(&ptr);
	return XDP_PASS;
}

SEC("tc")
int skb_dynptrs(struct __sk_buff *skb)
{
	struct bpf_dynptr ptr, refused;
	__u8 buffer[8] = {}, *bytes;

	NOTE(bpf_dynptr_from_skb(skb, 1, &refused));
	NOTE(bpf_dynptr_is_null(&refused));
	NOTE(bpf_dynptr_from_skb(skb, 0, &ptr));
	dynptr_reads(&ptr);
	bytes = bpf_dynptr_slice(&ptr, 6, buffer, sizeof(buffer));
	NOTE(bytes ? bytes[0] << 8 | bytes[7] : -1);
	bytes = bpf_dynptr_slice_rdwr(&ptr, 0, buffer, sizeof(buffer));
	if (bytes)
		bytes[1] = 0xee;
	dynptr_adjusts(&ptr);
	return TC_ACT_OK;
}

SEC("tc")
int iterators(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	int *number, sum = 0;

	NOTE(bpf_iter_num_new(&it, 5, 4));
	NOTE_POINTER(bpf_iter_num_next(&it));
	bpf_iter_num_destroy(&it);
	NOTE(bpf_iter_num_new(&it, 0, 8388609));
	NOTE_POINTER(bpf_iter_num_next(&it));
	bpf_iter_num_destroy(&it);
	NOTE(bpf_iter_num_new(&it, 7, 7));
	NOTE_POINTER(bpf_iter_num_next(&it));
	bpf_iter_num_destroy(&it);
	NOTE(bpf_iter_num_new(&it, -3, 4));
	while ((number = bpf_iter_num_next(&it)))
		sum = sum * 10 + *number;
	NOTE_POINTER(bpf_iter_num_next(&it));
	bpf_iter_num_destroy(&it);
	NOTE(sum);
	return TC_ACT_OK;
}

/* Cookies hold a secret: of them only the MSS is the same everywhere, and whether they are taken back. */
SEC("xdp")
int cookies(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct tcphdr ack = {};
	__s64 cookie;

	if ((void *)(tcp + 1) + 20 > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	NOTE(bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 19));
	NOTE(bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 24) >> 32);
	NOTE(bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 20) >> 32);
	NOTE(bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 40) >> 32);
	cookie = bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 40);
	ack.source = tcp->source;
	ack.dest = tcp->dest;
	ack.doff = 5;
	ack.seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
	ack.ack_seq = bpf_htonl((__u32)cookie + 1);
	NOTE(bpf_tcp_raw_check_syncookie_ipv4(ip, &ack));
	ack.ack_seq = bpf_htonl((__u32)cookie + 2);
	NOTE(bpf_tcp_raw_check_syncookie_ipv4(ip, &ack));
	ack.ack_seq = bpf_htonl((__u32)cookie + 1);
	ack.source = bpf_htons(1);
	NOTE(bpf_tcp_raw_check_syncookie_ipv4(ip, &ack));
	return XDP_PASS;
}

SEC("xdp")
int cookies6(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct ipv6hdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct tcphdr ack = {};
	__s64 cookie;

	if ((void *)(tcp + 1) + 20 > data_end || eth->h_proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	NOTE(bpf_tcp_raw_gen_syncookie_ipv6(ip, tcp, 0));
	NOTE(bpf_tcp_raw_gen_syncookie_ipv6(ip, tcp, 40) >> 32);
	cookie = bpf_tcp_raw_gen_syncookie_ipv6(ip, tcp, 40);
	ack.source = tcp->source;
	ack.dest = tcp->dest;
	ack.doff = 5;
	ack.seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
	ack.ack_seq = bpf_htonl((__u32)cookie + 1);
	NOTE(bpf_tcp_raw_check_syncookie_ipv6(ip, &ack));
	ack.seq = bpf_htonl(bpf_ntohl(tcp->seq) + 2);
	NOTE(bpf_tcp_raw_check_syncookie_ipv6(ip, &ack));
	return XDP_PASS;
}

SEC("tc")
int routes(struct __sk_buff *skb)
{
	struct bpf_fib_lookup fib = { .family = AF_INET, .ifindex = 2 };

	fib.ipv4_dst = bpf_htonl(0x0a080101);
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib) - 4, 0));
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 64));
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 1 << 31));
	fib.family = AF_UNIX;
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 0));
	fib.family = AF_INET;
	fib.ifindex = 77;
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 0));
	fib.family = AF_INET6;
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 0));
	/* Without a length tc asks about the packet itself. */
	fib = (struct bpf_fib_lookup){ .family = AF_INET, .ifindex = 2 };
	fib.ipv4_dst = bpf_htonl(0x0a080101);
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 0));
	NOTE(fib.mtu_result);
	fib = (struct bpf_fib_lookup){ .family = AF_INET, .ifindex = 2, .tot_len = 1400 };
	fib.ipv4_dst = bpf_htonl(0x0a080901);
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), BPF_FIB_LOOKUP_SKIP_NEIGH));
	NOTE(fib.mtu_result);
	fib = (struct bpf_fib_lookup){ .family = AF_INET6, .ifindex = 2 };
	fib.ipv6_dst[0] = bpf_htonl(0xfe800000);
	fib.ipv6_dst[3] = bpf_htonl(0xfe);
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 0));
	fib.ipv6_dst[0] = bpf_htonl(0xff020000);
	NOTE(bpf_fib_lookup(skb, &fib, sizeof(fib), 0));
	return bpf_redirect_neigh(fib.ifindex, 0, 0, 0);
}

static void look_up(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size, __u64 netns, __u64 flags, __u32 index)
{
	struct bpf_sock *sk = bpf_sk_lookup_tcp(skb, tuple, size, netns, flags);

	note(index, sk ? 1 : 2);
	if (sk)
		bpf_sk_release(sk);
}

#define LOOK_UP(tuple, size, netns, flags) look_up(skb, tuple, size, netns, flags, __COUNTER__)

SEC("tc")
int sockets(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};

	tuple.ipv4.saddr = bpf_htonl(0x0a000209);
	tuple.ipv4.daddr = bpf_htonl(0x0a000201);
	tuple.ipv4.sport = bpf_htons(1);
	tuple.ipv4.dport = bpf_htons(80);
	LOOK_UP(&tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	LOOK_UP(&tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 1);
	LOOK_UP(&tuple, sizeof(tuple.ipv4) - 1, BPF_F_CURRENT_NETNS, 0);
	LOOK_UP(&tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	LOOK_UP(&tuple, sizeof(tuple.ipv4), 0x7fffffff, 0);
	LOOK_UP(&tuple, sizeof(tuple.ipv4), 0xffffffff, 0);
	LOOK_UP(&tuple, sizeof(tuple.ipv4), 0x100000000, 0);
	NOTE(bpf_get_socket_cookie(skb) == 0);
	return TC_ACT_OK;
}

SEC("tc")
int listener_cookies(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct tcphdr tcp = {};
	struct bpf_sock *sk;
	struct iphdr ip = {};
	__s64 cookie;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &tcp, sizeof(tcp)))
		return TC_ACT_SHOT;
	tuple.ipv4.saddr = ip.saddr;
	tuple.ipv4.daddr = ip.daddr;
	tuple.ipv4.sport = tcp.source;
	tuple.ipv4.dport = tcp.dest;
	sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return TC_ACT_SHOT;
	tcp.doff = 5;
	NOTE(bpf_tcp_gen_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp) - 1));
	NOTE(bpf_tcp_gen_syncookie(sk, &ip, sizeof(ip) - 1, &tcp, sizeof(tcp)));
	cookie = bpf_tcp_gen_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp));
	NOTE(cookie >> 32);
	tcp.ack = 1;
	NOTE(bpf_tcp_gen_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp)));
	tcp.syn = 0;
	tcp.seq = bpf_htonl(bpf_ntohl(tcp.seq) + 1);
	tcp.ack_seq = bpf_htonl((__u32)cookie + 1);
	NOTE(bpf_tcp_check_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp)));
	NOTE(bpf_tcp_check_syncookie(sk, &ip, sizeof(ip) - 1, &tcp, sizeof(tcp)));
	tcp.rst = 1;
	NOTE(bpf_tcp_check_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp)));
	tcp.rst = 0;
	tcp.ack_seq = 0;
	NOTE(bpf_tcp_check_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp)));
	ip.version = 5;
	NOTE(bpf_tcp_check_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp)));
	ip.version = 6;
	NOTE(bpf_tcp_check_syncookie(sk, &ip, sizeof(ip), &tcp, sizeof(tcp)));
	NOTE(bpf_sk_assign(skb, sk, 1));
	bpf_sk_release(sk);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
