/**
 * Writes C programs that print their own variables, and builds them into printed-SEED.COMPILER.o. At each call of
 * bpf_trace_printk the compiler has put the value of the variable that the format names into r3: what debug information
 * says of it there can be compared with that (core/source/printed.test.ts).
 *
 *     node core/testdata/debug/printed-locals.mjs [FOLDER [SEEDS]]     needs clang-14, clang-19
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.argv[2] ?? import.meta.dirname;
const SEEDS = Number(process.argv[3] ?? 4);
const BUILDS = [
  ['clang-14', '-O2', 'v2'],
  ['clang-14', '-O1', 'v3'],
  ['clang-19', '-O2', 'v3'],
  ['clang-19', '-O0', 'v4'],
  ['clang-19', '-O2', 'v4', 'bpfeb'],
];

const HEAD = `typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
typedef signed char s8; typedef short s16; typedef int s32; typedef long long s64;
struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
static long (*print)(const char *format, u32 size, ...) = (void *)6;
enum level { LOW, MIDDLE = 3, HIGH = 200 };
struct inner { u8 a; u16 b; s32 c; };
struct outer { u64 first; struct inner in; u32 low : 3, middle : 12; s32 high : 7; union { u32 word; u8 bytes[4]; }; s16 list[3]; };
#define PRINT(e) ({ static const char format[] = #e " = %lld"; print(format, sizeof(format), (s64)(e)); })
#define KEEP(e) asm volatile("" : : "r"(&(e)) : "memory")
static u64 counted; static s16 sums[4] = { 1, -2, 3, -4 }; static const u32 weights[3] = { 7, 70000, 9 };
`;

const NUMBERS = ['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', '_Bool', 'char'];
const MEMBERS = [
  'first',
  'in.a',
  'in.b',
  'in.c',
  'low',
  'middle',
  'high',
  'word',
  'bytes[2]',
  'list[0]',
  'list[2]',
];

/** A program of its own for each seed. */
class Writer {
  lines = [];
  names = 0;
  /** More would not fit on the stack of a program that is not optimised. */
  structs = 0;

  constructor(seed) {
    this.state = seed * 2654435761 + 1;
  }

  below(count) {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * count);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** A value that no compiler knows. */
  value(scope) {
    const known = scope.filter(({ kind }) => kind === 'number');
    const some = () =>
      this.pick([
        () => `p[${this.below(60)}]`,
        () => String(this.below(5000)),
        () => (known.length > 0 ? this.pick(known).name : `p[${this.below(60)}]`),
      ])();
    return `${some()} ${this.pick(['+', '*', '^', '-', '&', '|'])} p[${this.below(60)}] ${this.pick(['+', '^'])} ${some()}`;
  }

  declare(scope, indent) {
    const name = `v${this.names++}`;
    const kind = this.pick(['number', 'number', 'number', 'enum', 'struct', 'array', 'pointer']);
    const structs = scope.filter((other) => other.kind === 'struct');
    if (kind === 'number') {
      this.lines.push(`${indent}${this.pick(NUMBERS)} ${name} = ${this.value(scope)};`);
      scope.push({ name, kind, prints: [name] });
    } else if (kind === 'enum') {
      this.lines.push(`${indent}enum level ${name} = p[${this.below(60)}] & 1 ? HIGH : MIDDLE;`);
      scope.push({ name, kind, prints: [name] });
    } else if (kind === 'struct' && this.structs++ < 2) {
      this.lines.push(
        `${indent}struct outer ${name} = { .first = ${this.value(scope)}, .word = ${this.value(scope)} };`,
      );
      for (const member of ['in.b', 'in.c', 'low', 'high', 'list[1]', 'list[2]'])
        this.lines.push(`${indent}${name}.${member} = ${this.value(scope)};`);
      this.lines.push(`${indent}KEEP(${name});`);
      scope.push({ name, kind, prints: MEMBERS.map((member) => `${name}.${member}`) });
    } else if (kind === 'array') {
      const type = this.pick(NUMBERS.slice(0, 8));
      this.lines.push(
        `${indent}${type} ${name}[5] = { ${this.value(scope)}, 0, ${this.value(scope)} };`,
        `${indent}KEEP(${name});`,
      );
      scope.push({ name, kind, prints: [`${name}[0]`, `${name}[2]`, `${name}[4]`] });
    } else if (structs.length > 0) {
      const target = this.pick(structs).name;
      this.lines.push(`${indent}struct outer *${name} = &${target};`);
      scope.push({ name, kind, prints: [`${name}->in.c`, `${name}->low`, `${name}->list[2]`] });
    }
  }

  print(scope, indent) {
    const prints = [
      ...scope.flatMap((variable) => variable.prints),
      'counted',
      'sums[1]',
      'weights[1]',
    ];
    this.lines.push(`${indent}PRINT(${this.pick(prints)});`);
  }

  statements(scope, indent, depth, count) {
    for (let k = 0; k < count; k++) {
      const numbers = scope.filter(({ kind }) => kind === 'number');
      const what = this.below(10);
      if (what < 3) this.declare(scope, indent);
      else if (what < 5 && numbers.length > 0)
        this.lines.push(
          `${indent}${this.pick(numbers).name} ${this.pick(['=', '+=', '^='])} ${this.value(scope)};`,
        );
      else if (what === 5 && depth < 2) {
        this.lines.push(`${indent}if ((${this.value(scope)}) & 4) {`);
        this.statements([...scope], `${indent}\t`, depth + 1, 4);
        this.lines.push(`${indent}}`);
      } else if (what === 6 && depth < 2) {
        const name = `i${this.names++}`;
        this.lines.push(`${indent}for (u32 ${name} = 0; ${name} < 3; ${name}++) {`);
        this.statements(
          [...scope, { name, kind: 'index', prints: [name] }],
          `${indent}\t`,
          depth + 1,
          3,
        );
        this.lines.push(`${indent}}`);
      } else if (what === 7)
        this.lines.push(
          `${indent}counted += ${this.value(scope)}; sums[1] ^= ${this.value(scope)};`,
        );
      this.print(scope, indent);
    }
  }

  function(name, keyword) {
    this.structs = 1;
    const scope = [
      { name: 'a', kind: 'number', prints: ['a'] },
      { name: 'b', kind: 'number', prints: ['b'] },
      { name: 'p', kind: 'packet', prints: ['p[3]', 'p[20]', '*p'] },
    ];
    this.lines.push(`static ${keyword} u64 ${name}(const u8 *p, u32 a, s16 b)`, '{');
    this.print(scope, '\t');
    this.statements(scope, '\t', 1, 4);
    this.lines.push('\treturn a * 31 + b;', '}');
  }

  program() {
    this.function('inlined', 'inline __attribute__((always_inline))');
    // In one section: llvm-objdump takes addresses of two for the same.
    this.function('called', '__attribute__((noinline, section("xdp")))');
    this.lines.push(
      '__attribute__((section("xdp"))) int program(struct xdp_md *ctx)',
      '{',
      '\tu8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;',
      '\tif (p + 64 > end)',
      '\t\treturn 1;',
    );
    this.structs = 0;
    const scope = [{ name: 'p', kind: 'packet', prints: ['p[3]', 'p[20]', '*p'] }];
    this.statements(scope, '\t', 0, 6);
    for (const name of ['inlined', 'called']) {
      const result = `v${this.names++}`;
      this.lines.push(
        `\tu64 ${result} = ${name}(p + ${this.below(4)}, ${this.value(scope)}, ${this.value(scope)});`,
      );
      scope.push({ name: result, kind: 'number', prints: [result] });
      this.statements(scope, '\t', 1, 2);
    }
    this.lines.push(
      '\treturn 2;',
      '}',
      'char _license[] __attribute__((section("license"))) = "GPL";',
      '',
    );
    return HEAD + this.lines.join('\n');
  }
}

for (let seed = 1; seed <= SEEDS; seed++) {
  const source = `printed-${seed}.c`;
  writeFileSync(join(FOLDER, source), new Writer(seed).program());
  for (const [compiler, level, cpu, target = 'bpfel'] of BUILDS) {
    const name = `printed-${seed}.${compiler}${level}-${cpu}${target === 'bpfeb' ? '-eb' : ''}.o`;
    const options = [
      '-target',
      target,
      `-mcpu=${cpu}`,
      '-g',
      level,
      '-w',
      `-ffile-prefix-map=${FOLDER}=.`,
      '-c',
      source,
    ];
    try {
      execFileSync(compiler, [...options, '-o', name], {
        cwd: FOLDER,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    } catch (error) {
      // What is not optimised may need more than 512 bytes.
      if (!String(error).includes('stack limit')) throw error;
      console.log(`${name}: too much stack`);
    }
  }
  if (process.argv[2]) rmSync(join(FOLDER, source));
}
