#!/bin/sh
# Builds every example's object. Debian keeps some headers per architecture, hence -I and -D__x86_64__. Programs that are
# compared with the kernel packet by packet are copies of core/testdata/programs/NAME.c.
set -e
cd "$(dirname "$0")"
CLANG=${CLANG:-clang-19}
for folder in */; do
  compared=../../core/testdata/programs/$(echo "${folder%/}" | tr - _).c
  [ ! -f "$compared" ] || cp "$compared" "$folder/program.c"
  (cd "$folder" && $CLANG -O2 -g -target bpf -D__x86_64__ -I/usr/include/x86_64-linux-gnu -fdebug-prefix-map="$PWD"=. -c program.c -o program.o)
done
