// A random program, what it is said to be because of, and the verdict with everything else changed,
// one thing at a time.
import { toHex } from '../bytes/hex.ts';
import { verdictOf as judged } from '../hooks/verdict.ts';
import { DEFAULT_NETWORK, type Network } from '../machine/network.ts';
import type { Cause } from '../protocol/messages.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { endingOf } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import type { MapPreset, SessionInputs, Settings } from '../session/types.ts';
import { contextFields } from '../spec/contexts.ts';
import { programType } from '../spec/program-types.ts';
import { explainResult } from '../why/why.ts';
import { randomSession } from './compare-random.ts';
import { Random } from './random.ts';
import { WORLD_MAP } from './random-calls.ts';
import { type RandomProgram, randomProgram, WORLD_MAPS } from './random-program.ts';

/** What was changed, and how often. */
export type ChangeKind = 'packet' | 'context' | 'setting' | 'network' | 'entry' | 'global';

export interface Checked {
  readonly seed: number;
  readonly hook: string;
  /** Why nothing was checked: the program did not run to its end. */
  readonly left?: string;
  readonly changes: ReadonlyMap<ChangeKind, number>;
  /** Changes of what was not named that gave another verdict. */
  readonly wrong: readonly string[];
  /** How many things of each kind were named. */
  readonly named: ReadonlyMap<string, number>;
}

type Inputs = Pick<SessionInputs, 'context' | 'maps' | 'settings' | 'network'>;

const hexOf = (random: Random, size: number): string => toHex(random.bytes(size));

/** Keys of a map that programs ask for, and any. */
function keysOf(map: number): string[] {
  const { key } = WORLD_MAPS[map];
  const word = (value: number): string =>
    toHex(Uint8Array.from({ length: key }, (_, i) => (i === 0 ? value : 0)));
  return map === WORLD_MAP.queue ? [''] : map === 0 ? [word(0)] : [0, 1, 2, 3, 4].map(word);
}

const FIXED_ENTRIES: ReadonlySet<number> = new Set([WORLD_MAP.perCpu, WORLD_MAP.devices]);

/** The maps whose entries are set, and changed. */
const MAPS = [
  0,
  1,
  WORLD_MAP.lpm,
  WORLD_MAP.lru,
  WORLD_MAP.perCpu,
  WORLD_MAP.queue,
  WORLD_MAP.devices,
];

function presetsFor(random: Random): MapPreset[] {
  const globals = {
    map: '.bss',
    key: '00000000',
    value: hexOf(random, WORLD_MAPS[WORLD_MAP.globals].value),
  };
  const entries = MAPS.flatMap((map) =>
    keysOf(map)
      .slice(0, WORLD_MAPS[map].entries)
      .filter(() => random.chance(2))
      .map((key) => ({ map: `map${map}`, key, value: valueFor(random, map) })),
  );
  return [globals, ...entries];
}

const valueFor = (random: Random, map: number): string =>
  map === WORLD_MAP.devices
    ? `0${random.between(1, 3)}000000`
    : hexOf(random, WORLD_MAPS[map].value);

function networkFor(random: Random): Network {
  const socket = {
    protocol: 'udp',
    local: '0.0.0.0',
    localPort: random.below(0x10000),
    state: 'close',
  } as const;
  const routes = [
    { prefix: '0.0.0.0/0', ifindex: 2, kind: 'unicast' as const, gateway: '10.0.0.1' },
    {
      prefix: `${random.below(256)}.0.0.0/8`,
      ifindex: 3,
      kind: random.pick(['unicast', 'blackhole'] as const),
    },
  ];
  const neighbours = [{ address: '10.0.0.1', ifindex: 2, mac: '02:00:00:00:00:09' }];
  return {
    ...DEFAULT_NETWORK,
    sockets: [socket],
    routes: random.chance(2) ? routes : [],
    neighbours,
  };
}

function settingsFor(random: Random): Settings {
  return {
    ...DEFAULT_SETTINGS,
    seed: random.word(),
    time: `${random.word()}`,
    cpu: random.below(4),
    cpus: 4,
    task: {
      pid: random.below(99),
      tgid: random.below(99),
      uid: random.below(99),
      gid: 3,
      comm: 'init',
    },
    cgroup: { ids: ['1', `${random.below(99)}`], classid: random.below(9) },
  };
}

function contextFor(random: Random, { hook }: RandomProgram): [string, string][] {
  const { context } = programType(hook);
  if (context === undefined) return [];
  return contextFields(context)
    .filter(({ editable, only }) => editable && only === undefined && random.chance(3))
    .map(({ name, size }) => [name, `${random.word() % 2 ** (8 * Math.min(size, 4))}`]);
}

function opened(program: RandomProgram, inputs: Inputs): Session {
  const session = randomSession(program, {}, { ...inputs, options: [] });
  finish(session.prepare());
  return session;
}

const verdictOf = (session: Session): string =>
  session.bypass ?? session.outcome?.verdict.text ?? '';

/** What the session's own machine comes to with another packet in its place. */
function verdictWith(session: Session, packet: Uint8Array): string {
  const bypass = session.beginWith(packet);
  if (bypass !== undefined) return bypass;
  session.advance(session.inputs.settings.maxSteps);
  return judged(session.hook, endingOf(session.machine!, undefined), session.options).text;
}

/** What was named, ready to be asked. */
class Named {
  private readonly causes: readonly Cause[];
  readonly bits = new Map<number, number>();

  constructor(causes: readonly Cause[]) {
    this.causes = causes;
    for (const { kind, offset, bits } of causes)
      if (kind === 'packet') this.bits.set(offset!, (this.bits.get(offset!) ?? 0) | bits!);
  }

  has(kind: Cause['kind'], name: string): boolean {
    return this.causes.some((cause) => cause.kind === kind && cause.name === name);
  }

  /** An entry, or the map as a whole. */
  hasEntry(map: string, key: string): boolean {
    return this.causes.some(
      (cause) =>
        cause.kind === 'entry' &&
        cause.map === map &&
        (cause.key === undefined || cause.key === key),
    );
  }

  hasGlobal(byte: number): boolean {
    return this.causes.some(
      ({ kind, offset, length }) =>
        kind === 'global' && byte >= offset! && byte < offset! + length!,
    );
  }
}

const setting = (inputs: Inputs, change: Partial<Settings>): Inputs => ({
  ...inputs,
  settings: { ...inputs.settings, ...change },
});

/** Inputs with one thing changed that was not named. */
function* others(random: Random, program: RandomProgram, inputs: Inputs, named: Named) {
  const { settings, network } = inputs;
  const { context } = programType(program.hook);
  for (const { name, editable, only, size } of context ? contextFields(context) : []) {
    if (!editable || only !== undefined || named.has('context', name)) continue;
    const value = `${random.word() % 2 ** (8 * Math.min(size, 4))}`;
    const fields = [
      ...inputs.context.filter(([field]) => field !== name),
      [name, value] as [string, string],
    ];
    yield { kind: 'context', what: name, inputs: { ...inputs, context: fields } } as const;
  }
  const changes: [string, Partial<Settings>][] = [
    ['time', { time: `${BigInt(settings.time) + BigInt(random.below(1 << 30))}` }],
    ['seed', { seed: random.word() }],
    ['cpu', { cpu: (settings.cpu + 1) % 4 }],
    ['cpus', { cpus: 8 }],
    ['task', { task: { pid: 7, tgid: 8, uid: 9, gid: 10, comm: 'other' } }],
    ['cgroup', { cgroup: { ids: ['9', '8', '7'], classid: 77 } }],
  ];
  for (const [name, change] of changes)
    if (!named.has('setting', name))
      yield { kind: 'setting', what: name, inputs: setting(inputs, change) } as const;
  const parts: [string, Partial<Network>][] = [
    ['routes', { routes: [{ prefix: '0.0.0.0/0', ifindex: 1, kind: 'prohibit' }] }],
    ['neighbours', { neighbours: [] }],
    [
      'devices',
      {
        devices: network!.devices.map((device) => ({
          ...device,
          mtu: 100,
          mac: '02:00:00:00:00:77',
        })),
      },
    ],
    ['sockets', { sockets: [] }],
  ];
  for (const [name, change] of parts) {
    if (named.has('setting', name) || (name === 'sockets' && named.has('setting', 'socket')))
      continue;
    yield {
      kind: 'network',
      what: name,
      inputs: { ...inputs, network: { ...network!, ...change } },
    } as const;
  }
  if (context === undefined) return;
  yield* otherEntries(random, inputs, named);
  yield* otherGlobals(inputs, named);
}

function* otherEntries(random: Random, inputs: Inputs, named: Named) {
  for (const map of MAPS)
    for (const key of keysOf(map).slice(0, FIXED_ENTRIES.has(map) ? WORLD_MAPS[map].entries : 5)) {
      const name = `map${map}`;
      if (named.hasEntry(name, key)) continue;
      const rest = inputs.maps.filter((preset) => preset.map !== name || preset.key !== key);
      const removes = rest.length < inputs.maps.length && random.chance(2);
      const maps = removes ? rest : [...rest, { map: name, key, value: valueFor(random, map) }];
      yield {
        kind: 'entry',
        what: `${name}[${key}]${removes ? ' out' : ''}`,
        inputs: { ...inputs, maps },
      } as const;
    }
}

function* otherGlobals(inputs: Inputs, named: Named) {
  const [globals, ...rest] = inputs.maps;
  for (let byte = 0; byte < WORLD_MAPS[WORLD_MAP.globals].value; byte += 3) {
    if (named.hasGlobal(byte)) continue;
    const at = 2 * byte;
    const changed = (Number.parseInt(globals.value!.slice(at, at + 2), 16) ^ 0x5a)
      .toString(16)
      .padStart(2, '0');
    const value = globals.value!.slice(0, at) + changed + globals.value!.slice(at + 2);
    const maps = [{ ...globals, value }, ...rest];
    yield { kind: 'global', what: `.bss+${byte}`, inputs: { ...inputs, maps } } as const;
  }
}

/** Packets with the bits of one byte turned over that were not named. */
function* otherPackets({ packet }: RandomProgram, named: Named) {
  for (const byte of packet.keys()) {
    const free = 0xff & ~(named.bits.get(byte) ?? 0);
    if (free === 0) continue;
    const made = packet.slice();
    made[byte] ^= free;
    yield { what: `byte ${byte} under ${free.toString(16)}`, packet: made };
  }
}

/**
 * Packets with one byte changed that was named: how many of them matter says how exact the names
 * are.
 */
function* namedPackets(random: Random, { packet }: RandomProgram, named: Named) {
  for (const [byte, bits] of named.bits) {
    if (byte >= packet.length) continue;
    const made = packet.slice();
    made[byte] ^= bits & (random.below(255) + 1) || bits;
    yield made;
  }
}

/** Explains the verdict of a random program, and tries everything that is not among its causes. */
export function checkCauses(seed: number): Checked {
  const program = randomProgram(seed, 'world');
  const { hook } = program;
  const random = new Random(seed ^ 0x5eed);
  const inputs: Inputs = {
    context: contextFor(random, program),
    maps: programType(hook).context ? presetsFor(random) : [],
    settings: settingsFor(random),
    network: networkFor(random),
  };
  const changes = new Map<ChangeKind, number>();
  const named = new Map<string, number>();
  const session = opened(program, inputs);
  const nothing = { seed, hook, changes, named, wrong: [] };
  if (session.problem !== undefined)
    return { ...nothing, left: `cannot be run: ${session.problem}` };
  if (session.bypass !== undefined) return { ...nothing, left: 'bypassed' };
  const verdict = verdictOf(session);
  const { causes, note } = finish(explainResult(session, undefined));
  if (session.outcome!.fault)
    return { ...nothing, left: `fault: ${session.outcome!.fault.message}` };
  if (note?.startsWith('Only')) return { ...nothing, left: 'too long' };
  for (const { kind } of causes) named.set(kind, (named.get(kind) ?? 0) + 1);
  const wrong: string[] = [];
  const check = (kind: ChangeKind, what: string, now: string): void => {
    changes.set(kind, (changes.get(kind) ?? 0) + 1);
    if (now !== verdict) wrong.push(`${kind} ${what}: ${verdict} -> ${now}`);
  };
  const asked = new Named(causes);
  for (const { what, packet } of otherPackets(program, asked))
    check('packet', what, verdictWith(session, packet));
  for (const { kind, what, inputs: changed } of others(random, program, inputs, asked)) {
    const other = opened(program, changed);
    // A map that has no room for one more entry is no other run.
    if (other.problem === undefined) check(kind, what, verdictOf(other));
  }
  const turns = [...namedPackets(random, program, asked)].map(
    (packet) => verdictWith(session, packet) !== verdict,
  );
  named.set('tried', turns.length);
  named.set('turned', turns.filter(Boolean).length);
  return { ...nothing, wrong };
}
