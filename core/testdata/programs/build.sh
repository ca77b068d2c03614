#!/bin/sh
# Builds every program of this folder, and those of the gallery that are compared with the kernel, into
# NAME.<compiler>-<cpu>.o, and their cases into NAME.json (cases.py). Needs clang-14, clang-19,
# llvm-strip-19, python3. Debian keeps some headers per architecture, hence -I and -D__x86_64__.
# DWARF is taken out, BTF stays: libbpf wants it. Record what the kernel answers afterwards: record.py.
set -eu
cd "$(dirname "$0")"
rm -f ./*.o

# The oldest and the newest instruction set that each compiler knows, the first twelve with all of them.
all="balancer cgroup_accounting dns_filter events icmp_echo lpm_firewall nat pipeline rate_limit syn_cookie tunnel vlan_rewrite"

build() { # source compiler cpu
  "$2" --target=bpfel -mcpu="$3" -O2 -g -D__x86_64__ -I/usr/include/x86_64-linux-gnu -ffile-prefix-map="$PWD=." -Wall -Werror \
    -Wno-unused-function -c "$1.c" -o "$1.$2-$3.o"
  llvm-strip-19 --strip-debug "$1.$2-$3.o"
}

# Programs of public/examples, which stand there alone; an object names the file it was built from.
gallery="balancer cgroup_accounting dns_filter events icmp_echo lpm_firewall nat pipeline rate_limit router syn_cookie tunnel vlan_rewrite"
copies=
trap 'rm -f $copies' EXIT
for name in $gallery; do
  cp "../../../public/examples/$(echo "$name" | tr _ -)/program.c" "$name.c"
  copies="$copies $name.c"
done

for file in *.c; do
  source=${file%.c}
  build "$source" clang-14 v1
  build "$source" clang-19 v4
  case " $all " in *" $source "*)
    build "$source" clang-14 v3
    build "$source" clang-19 v1
    ;;
  esac
done
python3 -B cases.py
