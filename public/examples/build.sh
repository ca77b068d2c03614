#!/bin/sh
# Builds every example's object. Debian keeps some headers per architecture, hence -I and -D__x86_64__. Some are compared
# with the kernel packet by packet: core/testdata/programs/build.sh builds those again, with other compilers.
set -e
cd "$(dirname "$0")"
CLANG=${CLANG:-clang-19}
for folder in */; do
  (cd "$folder" && $CLANG -O2 -g -target bpf -D__x86_64__ -I/usr/include/x86_64-linux-gnu -fdebug-prefix-map="$PWD"=. -c program.c -o program.o)
done
