#!/bin/sh
# Builds every source of this folder into <source>.<compiler>-<cpu>[-eb][-g].o, then records what other tools say
# about the results (record.mjs). others.sh adds a few objects of other compilers. Needs clang-14, clang-19, bpf-gcc,
# llvm-strip-19, llvm-objdump-19, llvm-readelf-19, bpftool. A source that a compiler or cpu version does not support
# gives no object.
set -eu
cd "$(dirname "$0")"
rm -f ./*.clang-14-*.o ./*.clang-19-*.o ./*.gcc-12*.o merged.*.o

# The same bytes wherever this folder is.
no_paths="-ffile-prefix-map=$PWD=."

# Debug sections are as large as all the rest: only clang 19 at v3 keeps its DWARF.
needs_btf="bad_map callbacks core_relocations externs map_in_map tail_calls types xdp_counter"

is_in() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

with_clang() { # source compiler cpu
  define=$(case "$3" in v3 | v4) echo -DV3 ;; *) echo -UV3 ;; esac)
  for target in bpfel bpfeb; do
    suffix=$([ "$target" = bpfeb ] && echo -eb || true)
    out="$1.$2-$3$suffix"
    file=$(ls "$1".[cs])
    is_in "$1" "$needs_btf" ||
      "$2" --target="$target" -mcpu="$3" "$define" -O2 -Wno-everything -c "$file" -o "$out.o" 2>/dev/null || true
    [ "$file" = "$1.s" ] && continue
    is_in "$1" "$needs_btf" || [ "$3" = v3 ] || continue
    "$2" --target="$target" -mcpu="$3" "$define" -O2 -g "$no_paths" -Wno-everything -c "$file" -o "$out-g.o" 2>/dev/null || continue
    [ "$2-$3" = clang-19-v3 ] || llvm-strip-19 --strip-debug "$out-g.o"
  done
}

with_gcc() { # source
  for order in little big; do
    suffix=$([ "$order" = big ] && echo -eb || true)
    out="$1.gcc-12$suffix"
    is_in "$1" "$needs_btf" || bpf-gcc -m$order-endian -DV3 -O2 -w -c "$1.c" -o "$out.o" 2>/dev/null || true
    bpf-gcc -m$order-endian -DV3 -O2 -gbtf -w -c "$1.c" -o "$out-g.o" 2>/dev/null || continue
    # gcc 12 writes this folder into .BTF, options or not: overwrite it by as many bytes of `/./././`.
    sed -i "s#$PWD#$(printf %s "$PWD" | sed 's#..#/.#g; s#[^/.]$#/#')#g" "$out-g.o"
  done
}

for file in *.c *.s; do
  case "$file" in sections.c | latest.c | core_fields.c) continue ;; esac
  source=${file%.*}
  for cpu in v1 v2 v3; do with_clang "$source" clang-14 "$cpu"; done
  for cpu in v1 v2 v3 v4; do with_clang "$source" clang-19 "$cpu"; done
  [ "$file" = "$source.s" ] || with_gcc "$source"
done
for target in bpfel bpfeb; do
  suffix=$([ "$target" = bpfeb ] && echo -eb || true)
  clang-19 --target=$target -mcpu=v3 -O2 -g "$no_paths" -fcommon -ffunction-sections -fdata-sections -c sections.c \
    -o "sections.clang-19-v3$suffix-g.o"
done
# libbpf's static linker: several objects in one.
bpftool gen object merged.bpftool-g.o subprograms.clang-19-v3-g.o xdp_counter.clang-19-v3-g.o \
  globals.clang-19-v3-g.o callbacks.clang-19-v3-g.o
node record.mjs
