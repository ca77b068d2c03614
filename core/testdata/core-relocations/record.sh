#!/bin/sh
# Builds programs.c and target.c, asks libbpf what becomes of each program with the object's own types and with
# the target's; and kernel.c with the types of the running kernel, Linux 6.18. Writes it to answers.json. Then runs
# values.c in that kernel with values of values.json, and writes what it comes to into values.answers.json; and has it
# relocate kernel-only.c by itself (kernel-only.answers.json).
# Needs clang-14, clang-19, llvm-strip-19, libbpf-dev, node, python3, and bpf(2) as root.
set -eu
cd "$(dirname "$0")"
rm -f ./*.o
recorder=$(mktemp)
gcc -O1 -Wall -o "$recorder" record.c -lbpf -lelf -lz

build() { # compiler source output options
  "$1" --target=bpfel -O2 -g -Wno-everything $4 -ffile-prefix-map="$PWD=." -c "$2.c" -o "$3"
  llvm-strip-19 --strip-debug "$3"
}
for version in 14 19; do
  build clang-$version target target.clang-$version.o ''
  for cpu in v1 v3 v4; do
    [ $version$cpu = 14v4 ] || build clang-$version programs programs.clang-$version-$cpu.o -mcpu=$cpu
  done
  build clang-$version kernel kernel.clang-$version.o -mcpu=v3
  build clang-$version values values.clang-$version.o -mcpu=v3
done
{
  separator='{'
  for object in programs.*.o; do
    for types in "$object" target.*.o; do
      printf '%s\n"%s with %s": ' "$separator" "$object" "$types"
      "$recorder" "$object" "$types"
      separator=','
    done
  done
  for object in kernel.*.o; do
    printf '%s\n"%s with vmlinux": ' "$separator" "$object"
    "$recorder" "$object" /sys/kernel/btf/vmlinux
  done
  printf '}\n'
} > answers.json
gcc -O1 -Wall -o "$recorder" run-values.c -lbpf -lelf -lz
node -e '
  const { execFileSync } = require("node:child_process");
  const cases = JSON.parse(require("node:fs").readFileSync("values.json", "utf8"));
  const answers = cases.map(({ externs, threshold, greeting }) => {
    const lines = Object.entries(externs).map(([name, value]) => `${name}=${value}`).join("\n");
    return ["values.clang-14.o", "values.clang-19.o"].map((object) =>
      JSON.parse(execFileSync(process.argv[1], [object, lines, String(threshold), greeting], { encoding: "utf8" })));
  });
  console.log(JSON.stringify(answers, null, 1));
' "$recorder" > values.answers.json
rm -f "$recorder"
build clang-19 kernel-only kernel-only.o -mcpu=v3
python3 record-kernel.py > kernel-only.answers.json
