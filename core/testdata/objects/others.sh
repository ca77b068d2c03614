#!/bin/sh
# Builds a chosen few of the objects with further compilers, then records: others.sh SYSTEM…
# Each SYSTEM is a folder with an installed Debian system (debootstrap) that has some of them, each with its llvm:
# clang 9, 11 and 13 are in Debian 11; 15 and 16 in Debian 12; 17 and 18 in Debian 13; 21 to 23 and gcc 16 in unstable.
set -eu
cd "$(dirname "$0")"

# compiler | source-cpu[-eb][-g|-dwarf]…; -g: .BTF alone, -dwarf: debug sections too
wanted() {
  cat <<END
clang-9 bpf_filter-v3-dwarf xdp_counter-v3-g xdp_counter-v2-eb-g subprograms-v3-eb data_pointers-v3 legacy_maps-v2 atomics-v1
clang-11 bpf_filter-v3-dwarf xdp_counter-v3-g core_fields-v3-g branches-v3-eb data_pointers-v2-eb
clang-13 externs-v3-g bpf_filter-v3-eb-dwarf types-v3-g atomics-v3 subprograms-v3 core_relocations-v2-g
clang-15 types-v3-eb-g xdp_counter-v3-g branches-v2
clang-16 externs-v3-g map_in_map-v3-g tail_calls-v2-g
clang-17 xdp_counter-v3-eb-g globals-v3 tc_rewrite-v3
clang-18 branches-v4 branches-v4-eb xdp_counter-v4-g tc_rewrite-v4
clang-21 latest-v4 latest-v4-eb types-v4-g callbacks-v4-g
clang-22 latest-v4-dwarf latest-v4-eb branches-v4 branches-v4-eb xdp_counter-v3-g map_in_map-v4-eb-g externs-v4-g
clang-23 latest-v4 types-v4-eb-g tail_calls-v4-g bpf_filter-v4-dwarf
gcc-16 xdp_counter-v3-g xdp_counter-v4-eb-g types-v3-g subprograms-v3 globals-v4-eb atomics-v4 branches-v4 callbacks-v3-g latest-v4
END
}

system_with() { # program; $systems: where to look
  for system in $systems; do [ -x "$system/usr/bin/$1" ] && echo "$system" && return; done
  echo "no system given has $1" >&2
  return 1
}

build() { # compiler object
  source=${2%%-*}
  features=${2#*-}
  cpu=${features%%-*}
  order=little target=bpfel
  case "$features" in *-eb*) order=big target=bpfeb ;; esac
  define=$(case "$cpu" in v3 | v4) echo -DV3 ;; *) echo -UV3 ;; esac)
  out="$source.$1-${features%-dwarf}"
  case "$features" in *-dwarf) out=$out-g ;; esac
  if [ "$1" = gcc-16 ]; then
    debug=$(case "$features" in *-g) echo -gbtf ;; esac)
    command="bpf-gcc -m$order-endian -mcpu=$cpu $define -O2 $debug -w"
    system=$(system_with bpf-gcc)
  else
    debug=$(case "$features" in *-g | *-dwarf) echo -g ;; esac)
    command="$1 --target=$target -mcpu=$cpu $define -O2 $debug -Wno-everything"
    system=$(system_with "$1")
  fi
  rm -rf "$system/objects"
  mkdir "$system/objects"
  cp bpf.h "$source.c" "$system/objects"
  chroot "$system" sh -c "cd /objects && $command -c $source.c -o out.o"
  cp "$system/objects/out.o" "$out.o"
  rm -r "$system/objects"
  case "$features" in *-g) llvm-strip-19 --strip-debug "$out.o" ;; esac
}

systems=$*
wanted | while read -r compiler objects; do
  rm -f ./*."$compiler"-*.o
  for object in $objects; do build "$compiler" "$object"; done
done
# LLVM 22 reads what LLVM 19 does not know yet.
node record.mjs
node record-misread.mjs "$(system_with llvm-objdump-22)"
