#!/bin/sh
# clang 19 and libbpf's headers: what Cover has to find beside the bytes of packets.
cd "$(dirname "$0")"
clang-19 -g -O2 --target=bpf -I/usr/include/x86_64-linux-gnu -c needs.c -o needs.o
