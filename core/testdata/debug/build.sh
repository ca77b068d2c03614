#!/bin/sh
# Builds programs with all their debug information, DWARF and BTF, into NAME-clang14.o and NAME-clang19.o: the seed filter
# of the examples, its lpm-firewall as lpm_firewall (a parser that is inlined twice, a subprogram), locals.c and arrays.c of this folder.
# Needs clang-14, clang-19, bpf-gcc, llvm-objcopy-19. Debian keeps some headers per architecture, hence -I and -D__x86_64__.
# versions/: every opcode by hand (opcodes.s); the same firewall by clang 19 with line numbers of other versions of DWARF, and by gcc, whose BTF has no lines.
# What llvm-dwarfdump-19 and llvm-objdump-19 say of them: ../objects/record-dwarf.mjs, ../objects/record-lines.mjs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -f "$here"/*-clang1[49].o "$here"/versions/*.o

flags="-O2 -g -D__x86_64__ -I/usr/include/x86_64-linux-gnu -ffile-prefix-map=$here=. -Wall -Werror -Wno-unused-variable -Wno-unused-but-set-variable"

build() { # source name
  cd "$(dirname "$1")"
  for version in 14 19; do
    "clang-$version" --target=bpfel -mcpu=v3 $flags -ffile-prefix-map="$PWD=." -c "$(basename "$1")" -o "$here/$2-clang$version.o"
  done
}

version() { # name target flags of its own
  out="$here/versions/lpm_firewall-$1.o"
  clang-19 --target="$2" -mcpu=v3 $flags -ffile-prefix-map="$PWD=." $3 -c lpm_firewall.c -o "$out"
  llvm-objcopy-19 --remove-section=.BTF.ext --remove-section=.rel.BTF.ext "$out"
}

build "$here/../../../public/examples/seed-filter/program.c" seed-filter
build "$here/locals.c" locals
build "$here/arrays.c" arrays
# The source stands in the gallery; an object names the file it was built from.
copy=$here/../programs/lpm_firewall.c
trap 'rm -f "$copy"' EXIT
cp "$here/../../../public/examples/lpm-firewall/program.c" "$copy"
build "$copy" lpm_firewall
clang-19 --target=bpfel -c "$here/opcodes.s" -o "$here/versions/opcodes.o"
version dwarf2 bpfel -gdwarf-2
version dwarf3 bpfel -gdwarf-3
version dwarf4 bpfel -gdwarf-4
version dwarf4-eb bpfeb -gdwarf-4
version dwarf5-64 bpfel "-gdwarf-5 -gdwarf64"
version dwarf5-eb bpfeb -gdwarf-5
# gcc 12 does not look into /usr/include for this target, writes no lines into .BTF.ext, and this folder into .BTF,
# options or not: that is overwritten by as many bytes of `/./././`. What is large and has no lines goes. Its BTF differs from
# one build to the next.
for order in little big; do
  out="$here/versions/lpm_firewall-gcc12-$order.o"
  bpf-gcc -m$order-endian -O2 -gdwarf -gbtf -D__x86_64__ -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu \
    -ffile-prefix-map="$PWD=." -w -c lpm_firewall.c -o "$out"
  for section in info abbrev loclists rnglists aranges str; do
    echo "--remove-section=.debug_$section --remove-section=.rel.debug_$section"
  done | xargs llvm-objcopy-19 "$out"
  sed -i "s#$PWD#$(printf %s "$PWD" | sed 's#..#/.#g; s#[^/.]$#/#')#g" "$out"
done
