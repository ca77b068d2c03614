#!/bin/sh
# Builds programs whose verdicts are explained (../../session/why-cases.test.ts) with their debug information. Needs
# clang-14 and clang-19. Debian keeps some headers per architecture, hence -I.
set -eu
cd "$(dirname "$0")"
rm -f ./*.o
for version in 14 19; do
  for source in verdicts surroundings copies helpers moves every-byte padding signs names chain; do
    "clang-$version" -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -ffile-prefix-map="$PWD=." -c "$source.c" -o "$source-clang$version.o"
  done
done
