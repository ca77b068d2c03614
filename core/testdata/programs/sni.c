// Reads the server name out of a TLS ClientHello through a dynptr of the packet: slices for the headers, and a numbers
// iterator over cipher suites and extensions. Blocked names are dropped, others get a mark.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_NAME 32
#define HANDSHAKE 22
#define CLIENT_HELLO 1
#define EXTENSION_SERVER_NAME 0

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *ptr, __u32 start, __u32 end) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *ptr) __ksym;

struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

struct name {
	char text[MAX_NAME];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, struct name);
	__type(value, __u64);
} blocked SEC(".maps");

struct name last_name;
__u32 hellos, nameless, refused;

static __u32 word16(const struct bpf_dynptr *ptr, __u32 at)
{
	__u8 buffer[2], *bytes = bpf_dynptr_slice(ptr, at, buffer, sizeof(buffer));

	return bytes ? bytes[0] << 8 | bytes[1] : 0;
}

static __u32 byte(const struct bpf_dynptr *ptr, __u32 at)
{
	__u8 buffer, *bytes = bpf_dynptr_slice(ptr, at, &buffer, sizeof(buffer));

	return bytes ? *bytes : 0;
}

/* Where the TLS record starts; 0: no TCP with payload. */
static __u32 payload(const struct bpf_dynptr *ptr)
{
	struct iphdr ip_buffer, *ip = bpf_dynptr_slice(ptr, ETH_HLEN, &ip_buffer, sizeof(ip_buffer));
	struct tcphdr tcp_buffer, *tcp;

	if (!ip || ip->version != 4 || ip->protocol != IPPROTO_TCP)
		return 0;
	__u32 at = ETH_HLEN + ip->ihl * 4;
	tcp = bpf_dynptr_slice(ptr, at, &tcp_buffer, sizeof(tcp_buffer));
	return tcp && tcp->dest == bpf_htons(443) ? at + tcp->doff * 4 : 0;
}

/* In memory, not in a register: the verifier knows nothing of its value, so that one pass through the loop stands for all. */
static volatile __u32 at;

/* Skips to the server_name extension, in a dynptr that starts at the ClientHello's random; 0: it has none. */
static __noinline int find_name(const struct bpf_dynptr *ptr)
{
	__u32 size = bpf_dynptr_size(ptr);
	struct bpf_iter_num it;
	int found = 0;

	at = 32;
	at += 1 + byte(ptr, at);   /* session id */
	at += 2 + word16(ptr, at); /* cipher suites */
	at += 1 + byte(ptr, at);   /* compression methods */
	at += 2;		   /* length of all extensions */
	bpf_iter_num_new(&it, 0, 64);
	while (bpf_iter_num_next(&it)) {
		if (at + 4 > size)
			break;
		if (word16(ptr, at) == EXTENSION_SERVER_NAME) {
			found = 1;
			break;
		}
		at += 4 + word16(ptr, at + 2);
	}
	bpf_iter_num_destroy(&it);
	return found;
}

static __noinline int read_name(const struct bpf_dynptr *ptr)
{
	__u32 length = word16(ptr, at + 7);
	struct bpf_iter_num it;
	int *i;

	__builtin_memset(&last_name, 0, sizeof(last_name));
	bpf_iter_num_new(&it, 0, MAX_NAME);
	while ((i = bpf_iter_num_next(&it))) {
		__u32 index = *i;

		if (index >= length || index >= MAX_NAME)
			break;
		last_name.text[index] = byte(ptr, at + 9 + index);
	}
	bpf_iter_num_destroy(&it);
	return length;
}

SEC("tc")
int inspect(struct __sk_buff *skb)
{
	struct bpf_dynptr ptr;

	if (skb->protocol != bpf_htons(ETH_P_IP) || bpf_dynptr_from_skb(skb, 0, &ptr))
		return TC_ACT_OK;

	__u32 start = payload(&ptr);
	if (start == 0 || byte(&ptr, start) != HANDSHAKE || byte(&ptr, start + 5) != CLIENT_HELLO)
		return TC_ACT_OK;
	hellos += 1;
	/* Record header 5 bytes, handshake header 4, version 2. A record that says more than there is is refused. */
	__u32 end = start + 5 + word16(&ptr, start + 3);
	if (bpf_dynptr_adjust(&ptr, start + 11, end)) {
		refused += 1;
		return TC_ACT_SHOT;
	}

	if (!find_name(&ptr) || read_name(&ptr) == 0) {
		nameless += 1;
		return TC_ACT_OK;
	}
	__u64 *count = bpf_map_lookup_elem(&blocked, &last_name);
	if (count) {
		*count += 1;
		return TC_ACT_SHOT;
	}
	skb->mark = 443;
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
