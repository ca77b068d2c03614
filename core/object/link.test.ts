import { describe, expect, test } from 'vitest';
import { readSlot, SLOT_BYTES, type Slot } from '../asm/encoding.ts';
import { toHex } from '../bytes/hex.ts';
import { type Disassembly, objectNames, readObject, recorded } from '../testing/corpus.ts';
import { parseElf } from './elf/elf.ts';
import { loadObject } from './load.ts';
import type { LinkedCode, LoadedObject, Program } from './types.ts';

const load = (name: string): LoadedObject => loadObject(name, readObject(name));
const builds = (source: string): string[] => objectNames(new RegExp(`^${source}\\.`));

function codeOf({ name, linked }: Program): LinkedCode {
  if ('error' in linked) throw new Error(`${name}: ${linked.error.message}`);
  return linked;
}

/** The instructions of linked code that refer elsewhere. */
function* references(
  object: LoadedObject,
  code: LinkedCode,
): Generator<{ pc: number; slot: Slot; next: number }> {
  for (let pc = 0; pc < code.bytes.length / SLOT_BYTES; pc++) {
    const slot = readSlot(code.bytes, pc * SLOT_BYTES, object.endian);
    const isWide = slot.opcode === 0x18;
    const next = isWide ? readSlot(code.bytes, (pc + 1) * SLOT_BYTES, object.endian).imm : 0;
    if ((isWide || slot.opcode === 0x85) && slot.src !== 0) yield { pc, slot, next };
    if (isWide) pc++;
  }
}

/** `caller -> callee` for every call and callback, by what the linked code itself says. */
function callGraph(object: LoadedObject): Set<string> {
  const edges = new Set<string>();
  for (const program of object.programs) {
    const code = codeOf(program);
    for (const { pc, slot } of references(object, code)) {
      if (slot.opcode === 0x85 ? slot.src !== 1 : slot.src !== 4) continue;
      const caller = code.functions.find(({ start, end }) => start <= pc && pc < end)!;
      const callee = code.functions.find(({ start }) => start === pc + 1 + slot.imm)!;
      edges.add(`${caller.name} -> ${callee.name}`);
    }
  }
  return edges;
}

describe('calls lead where the source says, whatever compiler, cpu and byte order', () => {
  test.each(builds('subprograms'))('%s', (name) => {
    expect([...callGraph(load(name))].sort()).toEqual([
      'add_squares -> square',
      'calls_xdp -> add_squares',
      'calls_xdp -> xdp_helper',
      'hidden_twice -> global_sum',
      'tc_entry -> hidden_twice',
      'tc_entry -> tc_static',
      'tc_static -> square',
      'xdp_entry -> global_sum',
      'xdp_entry -> square',
      'xdp_entry -> weak_default',
      'xdp_entry -> xdp_helper',
      'xdp_helper -> add_squares',
    ]);
  });

  test.each(builds('callbacks'))('%s: addresses of callbacks', (name) => {
    expect([...callGraph(load(name))].sort()).toEqual([
      'add_index -> unused_first',
      'sum_up -> add_entry',
      'sum_up -> add_index',
    ]);
  });

  test.each(builds('untyped'))(
    '%s: function symbols without type and size, and a local one',
    (name) => {
      const object = load(name);
      expect(object.programs.map(({ name }) => name)).toEqual(['entry', 'socket_entry']);
      expect([...callGraph(object)].sort()).toEqual(['entry -> helper', 'socket_entry -> entry']);
    },
  );
});

describe('loads of addresses', () => {
  test.each(builds('globals'))('%s: variables', (name) => {
    const object = load(name);
    const [account] = object.programs;
    const used = new Set<string>();
    for (const { slot, next } of references(object, codeOf(account!))) {
      if (slot.opcode !== 0x18) continue;
      expect(slot.src).toBe(2);
      const { name, variables } = object.maps[slot.imm]!;
      const variable = variables!.find(
        ({ offset, size }) => offset <= next && next < offset + size,
      );
      used.add(variable?.name.replace(/^account\./, '').replace(/\.\d+$/, '') ?? name);
    }
    expect([...used]).toEqual(
      expect.arrayContaining([
        'counter',
        'limit',
        'hot',
        'table',
        'seen',
        'pairs',
        'format',
        'calls',
      ]),
    );
  });

  test.each([...builds('xdp_counter'), ...builds('map_in_map'), ...builds('legacy_small')])(
    '%s: maps',
    (name) => {
      const object = load(name);
      const names = [...references(object, codeOf(object.programs[0]!))].map(({ slot }) => {
        expect(slot.src).toBe(1);
        return object.maps[slot.imm]!.name;
      });
      const expected = { x: 'flows', m: 'outer', l: 'first' }[name[0]!];
      expect(names[0]).toBe(expected);
      expect(new Set(names).size).toBe({ x: 3, m: 2, l: 2 }[name[0]!]);
    },
  );
});

describe('symbols the object does not define', () => {
  const known = builds('externs').filter((name) => name.includes('clang'));

  test.each(known)('%s', (name) => {
    const object = load(name);
    expect(
      object.externs
        .map(({ name, kind, weak }) => `${kind} ${name}${weak ? ' (weak)' : ''}`)
        .sort(),
    ).toEqual([
      'function sqrti',
      'kconfig CONFIG_HZ',
      'kconfig CONFIG_MISSING (weak)',
      'kfunc absent_function (weak)',
      'kfunc kernel_function',
      'ksym absent_variable (weak)',
      'ksym runqueues',
    ]);
    const broken = object.programs.flatMap(({ name, linked }) =>
      'error' in linked ? [`${name}: ${linked.error.message}`] : [],
    );
    expect(broken).toEqual([
      'strong_ksym: xdp+0x58: relocation R_BPF_64_64 against undefined kernel variable "runqueues"',
    ]);
  });

  test('a call becomes src=2 with the index of the extern, the address of a weak symbol 0', () => {
    const object = load('externs.clang-19-v3-g.o');
    const program = (name: string): LinkedCode =>
      codeOf(object.programs.find((candidate) => candidate.name === name)!);
    const [call] = [...references(object, program('named_helper'))];
    expect(call!.slot).toMatchObject({ opcode: 0x85, src: 2 });
    expect(object.externs[call!.slot.imm]!.name).toBe('sqrti');
    const weak = program('weak_ksym').bytes;
    const slots = Array.from({ length: weak.length / SLOT_BYTES }, (_, pc) =>
      readSlot(weak, pc * SLOT_BYTES, 'little'),
    );
    expect(slots.find(({ opcode }) => opcode === 0x18)).toMatchObject({ src: 0, imm: 0 });
  });
});

describe('other ways to build', () => {
  test('objects merged by libbpf (bpftool gen object)', () => {
    const merged = load('merged.bpftool-g.o');
    const own = callGraph(load('subprograms.clang-19-v3-g.o'));
    const callbacks = callGraph(load('callbacks.clang-19-v3-g.o'));
    expect(callGraph(merged)).toEqual(new Set([...own, ...callbacks]));
  });

  test.each(builds('sections'))('%s: -ffunction-sections, -fdata-sections, -fcommon', (name) => {
    const object = load(name);
    expect(object.programs.map((program) => program.name).sort()).toEqual(['entry', 'twice']);
    expect([...callGraph(object)].sort()).toEqual(['entry -> plus', 'entry -> twice']);
    const common = object.maps.find((map) => map.name === 'COMMON')!;
    expect(common.variables!.map((variable) => variable.name).sort()).toEqual([
      'common_int',
      'common_long',
    ]);
  });

  test('a call whose relocation was stripped is an error, not a call of itself', () => {
    const name = 'subprograms.clang-19-v3.o';
    const bytes = readObject(name);
    const { sections } = parseElf(bytes);
    const table = bytes.length - sections.length * 64;
    for (const { index, type } of sections) if (type === 'REL') bytes[table + index * 64 + 4] = 1;
    const entry = loadObject(name, bytes).programs.find((program) => program.name === 'xdp_entry')!;
    expect('error' in entry.linked && entry.linked.error.message).toBe(
      'xdp+0x30: a call without its relocation, which says what is called',
    );
  });
});

describe('a strong function overrides a weak one of the same name', () => {
  test('in calls of either symbol', () => {
    const name = 'subprograms.clang-19-v3.o';
    const bytes = readObject(name);
    const elf = parseElf(bytes);
    const table = elf.sections.find(({ type }) => type === 'SYMTAB')!;
    const entry = (symbol: string): number =>
      table.offset + 24 * elf.symbols.findIndex((candidate) => candidate.name === symbol);
    // weak_default takes the name of global_sum
    bytes.copyWithin(entry('weak_default'), entry('global_sum'), entry('global_sum') + 4);
    const object = loadObject(name, bytes);
    const linked = codeOf(object.programs.find((program) => program.name === 'xdp_entry')!);
    const offsets = linked.functions
      .filter((fn) => fn.name === 'global_sum')
      .map((fn) => fn.sectionOffset);
    expect(offsets).toEqual([elf.symbols.find((symbol) => symbol.name === 'global_sum')!.value]);
  });
});

describe('instructions, compared with llvm-objdump', () => {
  const disassembly = recorded<Disassembly[string]>('objdump');

  test('outside patched fields linking changes no byte, over every object', () => {
    let instructions = 0;
    for (const name of objectNames()) {
      const object = load(name);
      for (const program of object.programs) {
        if ('error' in program.linked) continue;
        const entry = program.linked.functions[0]!;
        const section = sectionHex(disassembly[name]![program.section]!);
        const own = section.slice(
          program.sectionOffset * 2,
          (program.sectionOffset + program.size) * 2,
        );
        const linked = program.linked.bytes.slice(0, entry.end * SLOT_BYTES);
        const compiled = Uint8Array.from(own.match(/../g)!, (digits) =>
          Number.parseInt(digits, 16),
        );
        for (const { pc, slot } of references(object, program.linked)) {
          if (pc >= entry.end) break;
          const slots = slot.opcode === 0x18 ? 2 : 1;
          for (const code of [linked, compiled])
            code.fill(0, pc * SLOT_BYTES, (pc + slots) * SLOT_BYTES);
        }
        // a weak undefined address loses its src as well
        if (name.startsWith('externs.')) continue;
        expect(toHex(linked), `${name} ${program.name}`).toBe(toHex(compiled));
        instructions += entry.end;
      }
    }
    console.info('slots compared with llvm-objdump:', instructions);
    expect(instructions).toBeGreaterThan(10_000);
  });

  const sectionHex = (functions: Record<string, [string, string][]>): string =>
    Object.values(functions)
      .flat()
      .map(([hex]) => hex)
      .join('');
});

describe('source lines', () => {
  test('of an entry and of the subprograms behind it', () => {
    const object = load('subprograms.clang-19-v3-g.o');
    const code = codeOf(object.programs.find(({ name }) => name === 'xdp_helper')!);
    const linesOf = (fn: string) => {
      const { start, end } = code.functions.find(({ name }) => name === fn)!;
      return code.lines.filter(({ pc }) => start <= pc && pc < end).map(({ text }) => text.trim());
    };
    expect(new Set(linesOf('xdp_helper'))).toEqual(
      new Set(['SEC("xdp") NOINLINE int xdp_helper(int a) { return add_squares(a, 3) - 1; }']),
    );
    expect(new Set(linesOf('square'))).toEqual(
      new Set(['static NOINLINE int square(int x) { return x * x; }']),
    );
    expect(code.lines[0]!.file).toMatch(/subprograms\.c$/);
  });

  test('ascend by pc in every object', () => {
    let lines = 0;
    for (const name of objectNames(/-g\.o$/)) {
      for (const { linked } of load(name).programs) {
        if ('error' in linked) continue;
        lines += linked.lines.length;
        expect(
          linked.lines.every(({ pc }, index) => index === 0 || linked.lines[index - 1]!.pc <= pc),
        ).toBe(true);
      }
    }
    console.info('source lines:', lines);
    expect(lines).toBeGreaterThan(1000);
  });
});

test('a call of a kernel function that no relocation names is an error of its program', () => {
  const name = 'subprograms.clang-19-v3.o';
  const plain = readObject(name);
  const { sections, symbols } = parseElf(plain);
  const symbol = symbols.find((one) => one.name === 'xdp_entry')!;
  const start = sections[symbol.section!]!.offset + symbol.value;
  const linkedWith = (instruction: number[]) => {
    const bytes = plain.slice();
    bytes.set(instruction, start);
    const { linked } = loadObject(name, bytes).programs.find((one) => one.name === 'xdp_entry')!;
    return 'error' in linked ? linked.error.message : 'is linked';
  };
  expect(linkedWith([0x85, 0x20, 0, 0, 7, 0, 0, 0])).toContain(
    'a call of kernel function 7 by its BTF id, without a relocation that names it',
  );
  expect(linkedWith([0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff])).toContain(
    'a call without its relocation, which says what is called',
  );
  expect(linkedWith([0xb7, 0, 0, 0, 7, 0, 0, 0])).toBe('is linked');
});
