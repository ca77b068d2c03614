#!/bin/sh
# Builds the programs of this folder, reports that came from trial use, into NAME.clang-19.o and .clang-14.o where that
# compiler takes them. Needs clang-14, clang-19, llvm-strip-19, bpftool and /sys/kernel/btf/vmlinux (for vmlinux.h).
# Record what the kernel answers afterwards: python3 -B core/testdata/programs/record.py --folder core/testdata/cases
set -eu
cd "$(dirname "$0")"
headers=$(mktemp -d)
trap 'rm -rf "$headers"' EXIT
bpftool btf dump file /sys/kernel/btf/vmlinux format c > "$headers/vmlinux.h"
rm -f ./*.o

build() { # source compiler flags...
  source=$1 compiler=$2
  shift 2
  "$compiler" --target=bpfel -mcpu=v3 -O2 -g -I. -I"$headers" -idirafter /usr/include/x86_64-linux-gnu \
    -ffile-prefix-map="$PWD=." -w "$@" -c "${source%%+*}.c" -o "$source.$compiler.o"
  llvm-strip-19 --strip-debug "$source.$compiler.o"
}

for file in *.c; do
  source=${file%.c}
  case $source in
    common) build common clang-19 -fcommon ;;
    *) build "$source" clang-19 ;;
  esac
done
for source in loop reuse ct tc ten min g2; do build "$source" clang-14; done
build tailcalls+twice clang-19 -DTWICE
