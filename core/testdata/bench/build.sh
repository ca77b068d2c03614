#!/bin/sh
# Builds the objects of `npm run bench`: workloads.o, kernel.o, long.o with debug info, and large.o, about 1 MB with debug info, from
# generated source: many programs of many lines that share a map and types.
set -e
cd "$(dirname "$0")"
CLANG=${CLANG:-clang-19}
for name in workloads kernel; do
  $CLANG -O2 -target bpf -mcpu=v3 -fno-stack-protector -c $name.c -o $name.o
done
$CLANG -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -fdebug-prefix-map="$PWD"=. -c long.c -o long.o
{
  echo '#include <linux/bpf.h>'
  echo '#include <bpf/bpf_helpers.h>'
  echo 'struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u64); } hits SEC(".maps");'
  for program in $(seq 1 80); do
    echo "SEC(\"xdp/p$program\") int program_$program(struct xdp_md *ctx) {"
    echo '  unsigned char *data = (void *)(long)ctx->data; unsigned char *end = (void *)(long)ctx->data_end; __u64 sum = 0;'
    echo '  if (data + 54 > end) return XDP_PASS;'
    for line in $(seq 1 40); do
      echo "  if (data[$((line % 54))] == $((program + line & 255))) sum += data[$(((line * 7) % 54))] * ${line}ull; else sum ^= $((line * 77));"
    done
    echo '  __u32 key = sum; __u64 *value = bpf_map_lookup_elem(&hits, &key); if (value) *value += sum; return sum & 1 ? XDP_DROP : XDP_PASS; }'
  done
  echo 'char _license[] SEC("license") = "GPL";'
} > large.c
$CLANG -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -fdebug-prefix-map="$PWD"=. -c large.c -o large.o
rm large.c
