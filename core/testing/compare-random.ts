// One random program in the machine and in the kernel: what each says of it.
import { toHex } from '../bytes/hex.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import { loadRaw } from '../object/raw.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs, Settings } from '../session/types.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { KernelAnswer, KernelJob, KernelMap } from './kernel.ts';
import { WORLD_MAP } from './random-calls.ts';
import { RANDOM_MAPS, type RandomProgram, WORLD_MAPS } from './random-program.ts';
import { definitionOf } from './raw-programs.ts';
import { packetOut } from './test-run.ts';

/**
 * What a run came to, in words that can be compared: return value, packet, and each map's entries
 * by key.
 */
export interface RunSummary {
  readonly retval: number | string;
  readonly packet: string;
  readonly maps: readonly (readonly string[])[];
}

const definitions = (maps: readonly KernelMap[]): MapDefinition[] =>
  maps.map((map, i) => ({
    ...definitionOf(map, `map${i}`),
    flags: map.type === MAP_TYPE_ID.lpm_trie ? MAP_FLAGS.BPF_F_NO_PREALLOC : 0,
  }));
const MAPS = definitions(RANDOM_MAPS);
const GLOBALS = { origin: 'global', name: '.bss', initialValue: new Uint8Array(64) } as const;
const ALL_MAPS = definitions(WORLD_MAPS).map((map, i) =>
  i === WORLD_MAP.globals ? { ...map, ...GLOBALS } : map,
);

/** As raw bytecode, whose two-slot loads already say which map they mean. */
const objectOf = ({ seed, bytes, kind }: RandomProgram): LoadedObject => ({
  ...loadRaw(`seed ${seed}`, bytes),
  maps: kind === 'world' ? ALL_MAPS : MAPS,
});

/**
 * What BPF_PROG_TEST_RUN makes of a packet: its device is the loopback, to which the packet is for
 * another host; wire_len stays 0, and the socket has the packet's source as its own address and no
 * ports.
 */
export const TEST_RUN_SKB: [string, string][] = [
  ['pkt_type', '3'],
  ['wire_len', '0'],
  ['remote_port', '0'],
  ['local_port', '0'],
];

export function testRunOptions(hook: HookName): [string, string][] {
  if (hook === 'cgroup_skb') return [['direction', 'egress']];
  return programType(hook).options.some(({ name }) => name === 'socket') ? [['socket', 'own']] : [];
}

const linear = new WebAssembly.Memory({ initial: 1 });

/** A session on a random program, not yet loaded. */
export function randomSession(
  program: RandomProgram,
  settings: Partial<Settings> = {},
  more: Partial<SessionInputs> = {},
  engine: Engine = INTERPRETER,
): Session {
  const object = objectOf(program);
  const inputs = inputsFor(object.name, object.bytes);
  const packets = [{ name: 'random', bytes: program.packet }];
  const context = programType(program.hook).context === '__sk_buff' ? TEST_RUN_SKB : [];
  const options = testRunOptions(program.hook);
  const session = new Session(
    {
      ...inputs,
      hook: program.hook,
      packets,
      context,
      options,
      settings: { ...inputs.settings, ...settings },
      ...more,
    },
    linear,
    object,
  );
  session.runBy(engine);
  return session;
}

export function runHere(program: RandomProgram, engine?: Engine): RunSummary {
  const session = randomSession(program, {}, {}, engine);
  session.load(1);
  if (session.problem !== undefined) return { retval: session.problem, packet: '', maps: [] };
  session.begin(0);
  finish(session.complete(0, false));
  const { r0, fault } = session.outcome!;
  return {
    retval: r0 === undefined ? fault!.message : Number(BigInt.asUintN(32, r0)),
    packet: packetOut(session),
    maps: MAPS.map((_, i) =>
      mapContents(session.machine!, i)
        .entries.map(({ key, value }) => `${toHex(key)}=${toHex(value)}`)
        .sort(),
    ),
  };
}

export const kernelJob = ({ hook, bytes, refs, packet }: RandomProgram): KernelJob => {
  const { id, attach } = programType(hook);
  return {
    type: id!,
    attach,
    insns: toHex(bytes),
    maps: RANDOM_MAPS,
    refs,
    runs: [{ packet: toHex(packet) }],
    dump: true,
  };
};

/** Undefined where the verifier refused the program, or the kernel did not run it. */
export function kernelSummary({ errno, runs, maps }: KernelAnswer): RunSummary | undefined {
  const run = runs?.[0];
  if (errno !== 0 || run?.errno !== 0) return undefined;
  return {
    retval: run.retval!,
    packet: run.packet!,
    maps: maps!.map((entries) => entries.map(([key, value]) => `${key}=${value}`).sort()),
  };
}
