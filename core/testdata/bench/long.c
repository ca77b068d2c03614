// A run of about a million instructions: looks for words in a packet, as a filter that searches payloads does. Rolling
// state in a function of its own, words and hits in maps, one round over the payload for each word. Built by build.sh.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define WORDS 24
#define PAYLOAD 42
#define ROUND 1400

struct word {
  __u32 hash;
  __u8 length;
  __u8 first;
  __u8 drops;
};

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, WORDS); __type(key, __u32); __type(value, struct word); } words SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 512); __type(key, __u32); __type(value, __u64); } hits SEC(".maps");

struct state {
  __u32 hash;
  __u32 length;
  __u8 recent[8];
};

/* Takes one byte in; answers whether the last bytes are the word. */
static __attribute__((noinline)) int matches(struct state *state, __u8 byte, const struct word *word) {
  state->recent[state->length & 7] = byte;
  state->length += 1;
  state->hash = state->hash * 31 + byte;
  if (byte == ' ' || byte == '/') {
    state->hash = 0;
    state->length = 0;
  }
  if (word->first != state->recent[0]) return 0;
  return state->length == word->length && state->hash == word->hash;
}

static __attribute__((noinline)) void count(__u32 key) {
  __u64 one = 1, *value = bpf_map_lookup_elem(&hits, &key);
  if (value) *value += 1;
  else bpf_map_update_elem(&hits, &key, &one, BPF_ANY);
}

SEC("xdp") int search(struct xdp_md *ctx) {
  __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  if (data + PAYLOAD > end) return XDP_PASS;
  if (data[12] != 8 || data[13] != 0) return XDP_PASS;
  int verdict = XDP_PASS;
  for (__u32 n = 0; n < WORDS; n++) {
    __u32 key = n;
    struct word *word = bpf_map_lookup_elem(&words, &key);
    if (!word) break;
    struct state state = {};
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < ROUND; i++) {
      __u8 *byte = data + PAYLOAD + i;
      if (byte + 1 > end) break;
      if (matches(&state, *byte, word)) {
        count(word->hash);
        if (word->drops) verdict = XDP_DROP;
      }
      if ((i & 63) == 0) count(*byte);
    }
  }
  return verdict;
}

char _license[] SEC("license") = "GPL";
