import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../bytes/hex.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import type { Network } from '../machine/network.ts';
import type { LoadedObject } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import type { MapPreset } from '../session/types.ts';
import type { HookName } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';
import { packetOut } from './test-run.ts';

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

export interface Answer {
  readonly program: string;
  readonly case: number;
  readonly objects: readonly string[];
  readonly runs: readonly KernelRun[];
  /** What a reader of the ring buffers finds at the end. */
  readonly records?: readonly string[];
}

const linear = new WebAssembly.Memory({ initial: 1 });

/** A folder of programs, the packets they get, and what the kernel said of them. */
export interface Recorded {
  readonly kernel: string;
  /** CPUs of the machine that was asked. */
  readonly cpus: number;
  readonly answers: readonly Answer[];
  readonly caseOf: (answer: Answer) => { network?: Network; made: Case };
  readonly open: (name: string) => Promise<LoadedObject>;
}

/** Reads a folder of core/testdata that core/testdata/programs/record.py has recorded. */
export function readRecorded(folder: string): Recorded {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const files = new Map<string, { network?: Network; cases: Case[] }>();
  const objects = new Map<string, Promise<LoadedObject>>();
  return {
    ...(read('answers.json') as Pick<Recorded, 'kernel' | 'cpus' | 'answers'>),
    caseOf: ({ program, case: number }) => {
      const file = files.get(program) ?? read(`${program}.json`);
      files.set(program, file);
      return { network: file.network, made: file.cases[number] };
    },
    open: (name) => {
      const object =
        objects.get(name) ??
        openObject(inputsFor(name, new Uint8Array(readFileSync(join(folder, name)))));
      objects.set(name, object);
      return object;
    },
  };
}

const SKB: ReadonlySet<HookName> = new Set(['tc', 'cgroup_skb', 'lwt_xmit']);

/**
 * How BPF_PROG_TEST_RUN sets the scene: packets have a socket, and netfilter is at the output hook.
 */
function testRunOptions(hook: HookName): [string, string][] {
  if (hook === 'netfilter') return [['hook', 'output']];
  return hook === 'tc' || hook === 'lwt_xmit' ? [['socket', 'own']] : [];
}

/**
 * Its device is the loopback: a packet with an address is for another host, and none is broadcast.
 */
function testRunContext(hook: HookName, frame: Uint8Array): [string, string][] {
  if (hook === 'sk_lookup') return [['ingress_ifindex', '0']];
  return SKB.has(hook) ? [['pkt_type', (frame[0] & 1) === 1 ? '2' : '3']] : [];
}

async function sessionOf(
  { caseOf, open, cpus }: Recorded,
  answer: Answer,
  name: string,
  engine: Engine,
): Promise<Session> {
  const { network, made } = caseOf(answer);
  const object = await open(name);
  const inputs = inputsFor(name, object.bytes);
  const { hook } = hookOfSection(
    object.programs.find((program) => program.name === made.program)!.section,
  );
  const session = new Session(
    {
      ...inputs,
      program: made.program,
      options: testRunOptions(hook),
      packets: made.packets.map((packet) => ({ name: packet.name, bytes: fromHex(packet.hex)! })),
      maps: made.maps ?? [],
      settings: { ...inputs.settings, cpus, gap: made.gap ?? '0' },
      ...(network && { network }),
    },
    linear,
    object,
  );
  session.runBy(engine);
  session.load();
  if (session.problem !== undefined) throw new Error(`${name}, ${made.name}: ${session.problem}`);
  return session;
}

/** Types of maps whose contents are recorded; those of arrays without zeros. */
const DUMPED: ReadonlySet<number> = new Set([1, 2, 5, 6, 9, 10, 11]);
const ARRAYS: ReadonlySet<number> = new Set([2, 6]);
/** Larger ones are not recorded (record.py). */
const MOST_ENTRIES = 100_000;
const LARGEST_VALUE = 65_536;
const isZero = (hex: string): boolean => /^0*$/.test(hex);

/** Contents by key, maps without entries left out. */
function contents(machine: Machine): Record<string, Entries> {
  const found: Record<string, Entries> = {};
  for (const [i, { definition }] of machine.maps.entries()) {
    const { name, type, maxEntries, valueSize } = definition;
    if (
      !DUMPED.has(type) ||
      name === '.rodata' ||
      maxEntries > MOST_ENTRIES ||
      valueSize > LARGEST_VALUE
    )
      continue;
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
  session.begin(k, [...testRunContext(hook, inputs.packets[k].bytes), ...given]);
  const outcome = finish(session.complete(k, false));
  if (outcome.r0 === undefined) return outcome.verdict.reason!;
  const chosen = machine!.sockets.findIndex(
    ({ address }) => address === machine!.context?.get('sk'),
  );
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

/** Where the runs of an answer's case, with one of its objects, are not as recorded. */
export async function differences(
  recorded: Recorded,
  answer: Answer,
  name: string,
  engine: Engine = INTERPRETER,
): Promise<string[]> {
  const { made } = recorded.caseOf(answer);
  const session = await sessionOf(recorded, answer, name, engine);
  const records: string[] = [];
  const found = answer.runs.flatMap((theirs, k) => {
    const ours = runHere(session, k, made.context);
    for (const { source, bytes } of session.machine!.records)
      if (source === 'ringbuf') records.push(toHex(bytes));
    return compare(session, ours, theirs).map(
      (text) => `${name}, ${made.name}, ${made.packets[k].name}: ${text}`,
    );
  });
  if (answer.records && JSON.stringify(records) !== JSON.stringify(answer.records))
    found.push(`${name}, ${made.name}: records are ${records}, the kernel's ${answer.records}`);
  return found;
}
