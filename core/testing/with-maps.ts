import { assemble } from '../asm/assemble.ts';
import { fromHex } from '../bytes/hex.ts';
import type { Engine } from '../machine/engine.ts';
import type { Network } from '../machine/network.ts';
import { loadRaw } from '../object/raw.ts';
import type { Extern, LoadedObject, MapDefinition } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { MapPreset, SessionInputs } from '../session/types.ts';
import { helperByName } from '../spec/helpers.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import type { HookName } from '../spec/program-types.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

/** What a map is where a test does not say otherwise: an array of 4 values of 8 bytes. */
const USUAL: Omit<MapDefinition, 'name'> = {
  type: MAP_TYPE_ID.array,
  keySize: 4,
  valueSize: 8,
  maxEntries: 4,
  flags: 0,
  keyType: undefined,
  valueType: undefined,
  origin: 'legacy',
  section: 'maps',
};

const KFUNC = {
  kind: 'kfunc',
  weak: false,
  type: undefined,
  value: undefined,
  given: 'missing',
} as const;

export interface WithMaps {
  readonly hook?: HookName;
  /** hex */
  readonly packet?: string;
  readonly options?: [string, string][];
  readonly context?: [string, string][];
  readonly presets?: readonly MapPreset[];
  readonly network?: Network;
  readonly edits?: SessionInputs['edits'];
  readonly gap?: string;
  /** Kernel functions, which `call btf N mod 0` names by their number. */
  readonly kfuncs?: readonly string[];
  /** How often the packet comes; the session stands at the last one. */
  readonly packets?: number;
  readonly engine?: Engine;
}

/** An object of bytecode with maps `m0`, `m1`, ... */
export const objectWithMaps = (
  bytes: Uint8Array,
  maps: readonly Partial<MapDefinition>[],
): LoadedObject => ({
  ...loadRaw('test', bytes),
  maps: maps.map((map, i) => ({ ...USUAL, name: `m${i}`, ...map })),
});

/**
 * A session on assembled instructions with maps `m0`, `m1`, ..., which `ld_pseudo r1, 0x1, N` names
 * by their number.
 */
export function withMaps(
  source: string,
  maps: readonly Partial<MapDefinition>[],
  given: WithMaps = {},
): Session {
  const { hook = 'xdp', packet = '00'.repeat(64), packets = 1, gap = '0' } = given;
  const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
  const externs = (given.kfuncs ?? []).map((name): Extern => ({ name, ...KFUNC }));
  const object = { ...objectWithMaps(bytes, maps), externs };
  const inputs = inputsFor('test', bytes);
  const session = new Session(
    {
      ...inputs,
      hook,
      options: given.options ?? [],
      context: given.context ?? [],
      maps: [...(given.presets ?? [])],
      packets: Array.from({ length: packets }, (_, i) => ({
        name: `packet ${i}`,
        bytes: fromHex(packet)!,
      })),
      packet: packets - 1,
      settings: { ...inputs.settings, gap },
      ...(given.network && { network: given.network }),
      ...(given.edits && { edits: given.edits }),
    },
    linear,
    object,
  );
  if (given.engine) session.runBy(given.engine);
  finish(session.prepare());
  if (session.problem !== undefined) throw new Error(session.problem);
  return session;
}

/** What a program with maps comes to. */
export function runWithMaps(
  source: string,
  maps: readonly Partial<MapDefinition>[],
  given: WithMaps = {},
) {
  const session = withMaps(source, maps, given);
  const { r0, fault, verdict } = session.outcome!;
  return { r0, fault, verdict, session };
}
