import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import type { Network } from '../machine/network.ts';
import { loadObject } from '../object/load.ts';
import type { LoadedObject } from '../object/types.ts';
import type { MapPreset } from '../protocol/messages.ts';
import type { HookName } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';
import { packetOut } from '../testing/test-run.ts';
import { inputsFor } from './inputs.ts';
import { mapContents } from './outcome.ts';
import { finish, Session } from './session.ts';

/** What a session is made of besides the object (core/testdata/programs/cases.py). */
interface Case {
  readonly name: string;
  readonly program: string;
  readonly maps?: MapPreset[];
  readonly context?: [string, string][];
  readonly gap?: string;
  readonly packets: readonly { readonly name: string; readonly hex: string }[];
}

type Entries = readonly (readonly [key: string, value: string])[];

/** What the kernel said of one packet (core/testdata/programs/record.py). */
interface KernelRun {
  readonly retval: number;
  /** What goes on; of a flow dissector the flow keys. */
  readonly packet?: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Number of the socket that sk_lookup chose; 0: none. */
  readonly socket?: number;
  readonly maps: Readonly<Record<string, Entries>>;
}

interface Answer {
  readonly program: string;
  readonly case: number;
  readonly objects: readonly string[];
  readonly runs: readonly KernelRun[];
  /** What a reader of the ring buffers finds at the end. */
  readonly records?: readonly string[];
}

const folder = join(import.meta.dirname, '../testdata/programs');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const { kernel, answers } = read('answers.json') as { kernel: string; answers: Answer[] };
const linear = new WebAssembly.Memory({ initial: 1 });

const files = new Map<string, { network?: Network; cases: Case[] }>();
function caseOf({ program, case: number }: Answer): { network?: Network; made: Case } {
  const file = files.get(program) ?? read(`${program}.json`);
  files.set(program, file);
  return { network: file.network, made: file.cases[number] };
}

const objects = new Map<string, LoadedObject>();
function opened(name: string): LoadedObject {
  const object = objects.get(name) ?? loadObject(name, new Uint8Array(readFileSync(join(folder, name))));
  objects.set(name, object);
  return object;
}

const SKB: ReadonlySet<HookName> = new Set(['tc', 'cgroup_skb', 'lwt_xmit']);

/** How BPF_PROG_TEST_RUN sets the scene: packets have a socket, and netfilter is at the output hook. */
function testRunOptions(hook: HookName): [string, string][] {
  if (hook === 'netfilter') return [['hook', 'output']];
  return hook === 'tc' || hook === 'lwt_xmit' ? [['socket', 'own']] : [];
}

/** Its device is the loopback: a packet with an address is for another host, and none is broadcast. */
function testRunContext(hook: HookName, frame: Uint8Array): [string, string][] {
  if (hook === 'sk_lookup') return [['ingress_ifindex', '0']];
  return SKB.has(hook) ? [['pkt_type', (frame[0] & 1) === 1 ? '2' : '3']] : [];
}

function sessionOf(answer: Answer, name: string): Session {
  const { network, made } = caseOf(answer);
  const object = opened(name);
  const inputs = inputsFor(name, object.bytes);
  const { hook } = hookOfSection(object.programs.find((program) => program.name === made.program)!.section);
  const session = new Session(
    {
      ...inputs,
      program: made.program,
      options: testRunOptions(hook),
      packets: made.packets.map((packet) => ({ name: packet.name, bytes: fromHex(packet.hex)! })),
      maps: made.maps ?? [],
      settings: { ...inputs.settings, gap: made.gap ?? '0' },
      ...(network && { network }),
    },
    linear,
    object,
  );
  session.load();
  if (session.problem !== undefined) throw new Error(`${name}, ${made.name}: ${session.problem}`);
  return session;
}

/** Types of maps whose contents are recorded; those of arrays without zeros. */
const DUMPED: ReadonlySet<number> = new Set([1, 2, 5, 6, 9, 10, 11]);
const ARRAYS: ReadonlySet<number> = new Set([2, 6]);
const isZero = (hex: string): boolean => /^0*$/.test(hex);

/** Contents by key, maps without entries left out. */
function contents(machine: Machine): Record<string, Entries> {
  const found: Record<string, Entries> = {};
  for (const [i, { definition }] of machine.maps.entries()) {
    const { name, type } = definition;
    if (!DUMPED.has(type) || name === '.rodata') continue;
    const entries = mapContents(machine, i)
      .entries.map(({ key, value }) => [toHex(key), toHex(value)] as const)
      .filter(([, value]) => !(ARRAYS.has(type) && isZero(value)))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length > 0) found[name] = entries;
  }
  return found;
}

function runHere(session: Session, k: number, given: Case['context'] = []): KernelRun | string {
  const { hook, machine, inputs } = session;
  session.inputs = { ...inputs, context: [...testRunContext(hook, inputs.packets[k].bytes), ...given] };
  session.begin(k);
  finish(session.complete(k, false));
  const outcome = session.outcomes[k]!;
  if (outcome.r0 === undefined) return outcome.verdict.reason!;
  const chosen = machine!.sockets.findIndex(({ address }) => address === machine!.context?.get('sk'));
  return {
    retval: Number(BigInt.asUintN(32, outcome.r0)),
    packet: packetOut(session),
    socket: chosen + 1,
    maps: contents(machine!),
  };
}

/** Where a run here and the kernel's differ. */
function compare(session: Session, ours: KernelRun | string, theirs: KernelRun): string[] {
  if (typeof ours === 'string') return [ours];
  const found: string[] = [];
  const check = (what: string, mine: unknown, kernels: unknown): void => {
    if (JSON.stringify(mine) !== JSON.stringify(kernels))
      found.push(`${what} is ${JSON.stringify(mine)}, the kernel's ${JSON.stringify(kernels)}`);
  };
  check('return value', ours.retval, theirs.retval);
  if (theirs.packet !== undefined) check('packet', ours.packet, theirs.packet);
  if (theirs.socket !== undefined) check('socket', ours.socket, theirs.socket);
  for (const [name, value] of Object.entries(theirs.context ?? {}))
    check(`context.${name}`, String(session.machine!.context!.get(name)), value);
  for (const name of new Set([...Object.keys(ours.maps), ...Object.keys(theirs.maps)]))
    check(`map ${name}`, ours.maps[name], theirs.maps[name]);
  return found;
}

function differences(answer: Answer, name: string): string[] {
  const { made } = caseOf(answer);
  const session = sessionOf(answer, name);
  const records: string[] = [];
  const found = answer.runs.flatMap((theirs, k) => {
    const ours = runHere(session, k, made.context);
    for (const { source, bytes } of session.machine!.records) if (source === 'ringbuf') records.push(toHex(bytes));
    return compare(session, ours, theirs).map((text) => `${name}, ${made.name}, ${made.packets[k].name}: ${text}`);
  });
  if (answer.records && JSON.stringify(records) !== JSON.stringify(answer.records))
    found.push(`${name}, ${made.name}: records are ${records}, the kernel's ${answer.records}`);
  return found;
}

test(`packet programs do what Linux ${kernel} does with every packet, from every compiler`, () => {
  const different = answers.flatMap((answer) => answer.objects.flatMap((name) => differences(answer, name)));
  const runs = answers.reduce((sum, answer) => sum + answer.objects.length * answer.runs.length, 0);
  const programs = new Set(answers.map(({ program }) => program)).size;
  const built = new Set(answers.flatMap((answer) => answer.objects)).size;
  console.log(
    `${runs} recorded runs of ${programs} programs in ${built} objects compared, ${different.length} differences`,
  );
  expect(different.slice(0, 40)).toEqual([]);
});

test('examples of the gallery that are such programs have the same source', () => {
  const examples = join(import.meta.dirname, '../../public/examples');
  const shared = readdirSync(examples).filter((name) => existsSync(join(folder, `${name.replaceAll('-', '_')}.c`)));
  expect(shared.length).toBeGreaterThanOrEqual(8);
  for (const name of shared)
    expect(readFileSync(join(examples, name, 'program.c'), 'utf8'), `${name}: run public/examples/build.sh`).toBe(
      readFileSync(join(folder, `${name.replaceAll('-', '_')}.c`), 'utf8'),
    );
});
