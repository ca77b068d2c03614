import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { Engine } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { loadObject } from '../object/load.ts';
import type { LoadedObject } from '../object/types.ts';
import type { HookName } from '../spec/program-types.ts';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { inputsFor } from './inputs.ts';
import { mapContents } from './outcome.ts';
import { finish, Session } from './session.ts';
import type { MapPreset } from './types.ts';

const folder = join(import.meta.dirname, '../testdata/kernel');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

type Entry = [key: string, value: string | string[]];
interface Answer {
  object: string;
  program: string;
  type: string;
  retval: number;
  /** What a reader of perf events got, hex. */
  records?: string[];
  maps: Record<string, Entry[]>;
}

const recorded = read('maps.answers.json') as {
  kernel: string;
  cpus: number;
  packet: string;
  answers: Answer[];
};
const scripts = read('maps.scripts.json') as Record<
  string,
  { entries?: MapPreset[]; runs?: number; gap?: string }
>;
const packet = fromHex(
  read('packets.json').find(({ name }: { name: string }) => name === recorded.packet).hex,
)!;
const HOOKS: Record<string, HookName> = { xdp: 'xdp', sched_cls: 'tc', cgroup_skb: 'cgroup_skb' };
const linear = new WebAssembly.Memory({ initial: 1 });

const objects = new Map<string, LoadedObject>();
function opened(path: string): LoadedObject {
  const bytes = new Uint8Array(readFileSync(join(folder, '../../..', path)));
  const object = objects.get(path) ?? loadObject('program.o', bytes);
  objects.set(path, object);
  return object;
}

/** A session with an answer's program, run to the end as often as the recording was. */
function runAnswer({ object: path, program, type }: Answer, engine: Engine): Session {
  const object = opened(path);
  const { entries = [], runs = 1, gap = '0' } = scripts[program] ?? {};
  const inputs = inputsFor('program.o', object.bytes);
  const session = new Session(
    {
      ...inputs,
      program,
      hook: HOOKS[type],
      packets: Array.from({ length: runs }, () => ({ name: 'packet', bytes: packet })),
      maps: entries,
      settings: { ...inputs.settings, cpus: recorded.cpus, gap, perfReader: true },
    },
    linear,
    object,
  );
  session.runBy(engine);
  session.load();
  if (session.problem !== undefined) throw new Error(session.problem);
  for (let k = 0; k < runs; k++) {
    session.begin(k);
    finish(session.complete(k, false));
  }
  return session;
}

const isZero = (value: string | string[]): boolean => /^0*$/.test(String(value));

/**
 * Contents as the recording has them: programs and maps there are numbered by the kernel, so those
 * are left out.
 */
function contents(machine: Machine, index: number): Entry[] {
  const { name, entries } = mapContents(machine, index);
  const found = entries.map(
    ({ key, value, perCpu }): Entry => [toHex(key), perCpu ? perCpu.map(toHex) : toHex(value)],
  );
  if (name === 'seen') while (found.length > 0 && isZero(found.at(-1)![1])) found.pop();
  return found;
}

function differences(answer: Answer, engine: Engine): string[] {
  const { machine, outcome } = runAnswer(answer, engine);
  const name = `${answer.object} ${answer.program}`;
  if (outcome?.r0 === undefined) return [`${name}: ${outcome?.verdict.reason}`];
  const found: string[] = [];
  const retval = Number(BigInt.asUintN(32, outcome.r0));
  if (retval !== answer.retval)
    found.push(`${name}: returns ${retval}, the kernel ${answer.retval}`);
  const records = machine!.records
    .filter(({ source }) => source === 'perf')
    .map(({ bytes }) => toHex(bytes));
  if (answer.records && String(records) !== String(answer.records))
    found.push(`${name}: sends ${records}, the kernel ${answer.records}`);
  for (const [i, { definition }] of machine!.maps.entries()) {
    const kernel = answer.maps[definition.name] ?? [];
    const ours =
      answer.maps[definition.name] || isDumped(definition.name) ? contents(machine!, i) : [];
    for (let at = 0; at < Math.max(kernel.length, ours.length); at++) {
      if (JSON.stringify(kernel[at]) === JSON.stringify(ours[at])) continue;
      found.push(
        `${name}: entry ${at} of ${definition.name} is ${JSON.stringify(ours[at])}, the ` +
          `kernel's ${JSON.stringify(kernel[at])}`,
      );
      break;
    }
  }
  return found;
}

const dumped = new Set(recorded.answers.flatMap(({ maps }) => Object.keys(maps)));
const isDumped = (name: string): boolean => dumped.has(name);

const TITLE =
  `what helpers answer, and the contents and order of maps, ` +
  `are those of Linux ${recorded.kernel}`;

test.each(TRIED_ENGINES)(`${TITLE}: $name`, (engine) => {
  const different = recorded.answers.flatMap((answer) => differences(answer, engine));
  console.log(
    `${recorded.answers.length} recorded runs of map programs ` +
      `compared, ${different.length} differences`,
  );
  expect(different.slice(0, 40)).toEqual([]);
});
