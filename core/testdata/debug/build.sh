#!/bin/sh
# Builds programs with all their debug information, DWARF and BTF, into NAME-clang14.o and NAME-clang19.o: the seed filter
# of the examples, lpm_firewall of ../programs (a parser that is inlined twice, a subprogram), and locals.c of this folder.
# Needs clang-14, clang-19. Debian keeps some headers per architecture, hence -I and -D__x86_64__.
# What llvm-dwarfdump-19 and llvm-objdump-19 say of them: ../objects/record-dwarf.mjs, ../objects/record-lines.mjs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -f "$here"/*.o

build() { # source name
  cd "$(dirname "$1")"
  for version in 14 19; do
    "clang-$version" --target=bpfel -mcpu=v3 -O2 -g -D__x86_64__ -I/usr/include/x86_64-linux-gnu -ffile-prefix-map="$PWD=." -Wall -Werror \
      -Wno-unused-variable -Wno-unused-but-set-variable -c "$(basename "$1")" -o "$here/$2-clang$version.o"
  done
}

build "$here/../../../public/examples/seed-filter/program.c" seed-filter
build "$here/../programs/lpm_firewall.c" lpm_firewall
build "$here/locals.c" locals
