import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { InputError } from '../errors.ts';
import { loadObject } from '../object/load.ts';
import { loadRaw } from '../object/raw.ts';
import type { LoadedObject } from '../object/types.ts';
import { fingerprint } from '../session/outcome.ts';
import { helperById, helperByName } from '../spec/helpers.ts';
import { Random } from '../testing/random.ts';
import { type Code, constantOf, decodePrograms, functionAt, poisonAt, programAt } from './code.ts';
import { ControlFlow, jumpTarget, successorsOf, tableEntries } from './control-flow.ts';
import {
  accessSize,
  callsOut,
  changesOf,
  isBranch,
  isTableJump,
  leadsAnywhere,
  mayEnd,
  readsOf,
  writesOf,
} from './effects.ts';
import { instructionText } from './instruction-text.ts';
import { inlinesLoop } from './known-values.ts';
import { linePlaces, placesFrom } from './line-places.ts';
import { keyOfLine, lineAt, lineKey } from './lines.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    typeof part === 'bigint' ? `${part}n` : part instanceof Map ? [...part] : part,
  ) ?? '';
const short = (value: unknown): string => fingerprint(textOf(value)).slice(0, 6);

/** What is known of each slot alone. */
const slotsOf = (code: Code): unknown =>
  Array.from({ length: code.slots + 1 }, (_, pc) => {
    const instruction = code.instructions[pc];
    const whole = [
      poisonAt(code, pc),
      programAt(code, pc)?.name,
      functionAt(code, pc)?.function.name,
      lineKey(code, pc),
      lineAt(code, pc)?.text,
      successorsOf(code, pc),
      jumpTarget(instruction, pc),
      isTableJump(instruction),
      mayEnd(instruction),
      instruction && instructionText(instruction),
    ];
    if (instruction?.row === undefined) return whole;
    return [
      ...whole,
      constantOf(instruction, pc),
      readsOf(instruction, (id) => helperById(id)?.parameters ?? 5),
      writesOf(instruction),
      changesOf(instruction),
      accessSize(instruction),
      isBranch(instruction.row),
      leadsAnywhere(instruction.row),
      callsOut(instruction),
      instruction.row.kind === 'call' && inlinesLoop(code, pc),
    ];
  });

/** What is known of the ways through each function. */
function flowsOf(code: Code, tables: readonly number[]): unknown {
  const flow = new ControlFlow(code, tables);
  return code.programs.flatMap((program) =>
    program.linked.functions.map(({ start }) => {
      const found = flow.at(program.start + start);
      if (found === undefined) return undefined;
      const branches = [...found.successors].filter(([, next]) => next.length > 1);
      return [
        found.start,
        found.end,
        found.blocks,
        found.successors,
        found.dominators,
        found.postDominators,
        [...found.successors.keys()].map((pc) => found.predecessorsOf(pc)),
        branches.flatMap(([pc, next]) => next.map((to) => flow.writesOnWay(pc, to))),
      ];
    }),
  );
}

function linesOf(code: Code): unknown {
  const places = linePlaces(code);
  const most = Math.max(0, ...places.map(({ line }) => line));
  const files = [...new Set(places.map(({ file }) => file)), 'program.c', 'none.c'];
  return [
    places,
    files.map((file) =>
      Array.from({ length: most + 2 }, (_, line) => {
        const found = placesFrom(places, file, line);
        return found && keyOfLine(found);
      }),
    ),
  ];
}

/** Every program of an object that can be linked, as it is, and all of them in a row. */
function factsOf(object: LoadedObject): string {
  const linked = object.programs.flatMap(({ name, linked: code }) =>
    'bytes' in code ? [{ name, linked: code }] : [],
  );
  const tables = tableEntries(object.maps, object.endian === 'little');
  return [...linked.slice(0, 8).map((one) => [one]), linked.slice(0, 4)]
    .map((sources) => {
      const code = decodePrograms(sources, object.endian);
      return [slotsOf(code), flowsOf(code, tables), linesOf(code)].map(short).join('/');
    })
    .join(' ');
}

const objectsIn = (folder: string): string[] =>
  readdirSync(join(TESTDATA, folder))
    .filter((file) => file.endsWith('.o'))
    .map((file) => `${folder}/${file}`)
    .sort();
const OBJECTS = [
  ...['cases', 'debug', 'core-relocations', 'kernel'].flatMap(objectsIn),
  ...objectsIn('objects').filter((_, i) => i % 8 === 1),
];

/** Statements of random programs: jumps both ways, calls, stores, what ends a function. */
const STATEMENTS = [
  'r0 = 1',
  'r1 = r10',
  'r4 = 0',
  'r2 = 0',
  'w3 += w1',
  '*(u64 *)(r10 - 8) = r1',
  '*(u32 *)(r10 - 4) = 7',
  '*(u8 *)(r1 + 3) = r2',
  'r2 = *(u64 *)(r10 - 8)',
  'r5 = *(s16 *)(r1 + 2)',
  'lock *(u64 *)(r10 - 16) += r1',
  'r6 = 0x123456789 ll',
  'call bpf_loop',
  'call bpf_tail_call',
  'call bpf_ktime_get_ns',
  'r0 = *(u8 *)skb[14]',
  'may_goto +0x1',
  'exit',
];
function randomSource(random: Random): string {
  const count = 6 + random.below(14);
  const statements = Array.from({ length: count }, (_, i) => {
    const to = `l${random.below(count)}`;
    const jump = random.pick([`goto ${to}`, `if r1 == 3 goto ${to}`, `if w2 s< w1 goto ${to}`]);
    return `l${i}: ${random.chance(3) ? jump : random.pick(STATEMENTS)}`;
  });
  return [...statements, 'r0 = 0', 'exit'].join('\n');
}

/**
 * Instructions are compared with llvm-objdump and the ways through them with a plain search
 * elsewhere; this keeps all that is known of the code of objects, and of random programs.
 */
test('what is known of code before it runs', async () => {
  const lines: string[] = [];
  for (const path of OBJECTS) {
    try {
      const object = loadObject(path, new Uint8Array(readFileSync(join(TESTDATA, path))));
      lines.push(`${path} ${factsOf(object)}`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      lines.push(`${path} refused`);
    }
  }
  const random = new Random(51);
  for (let i = 1; i <= 60; i++) {
    const source = randomSource(random);
    const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
    lines.push(`random program ${i} ${factsOf(loadRaw('random', bytes))}`);
  }
  const golden = join(TESTDATA, 'inspected/whole-programs.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
