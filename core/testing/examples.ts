// The gallery's examples as sessions.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../bytes/hex.ts';
import type { Network } from '../machine/network.ts';
import { inputsFor } from '../session/inputs.ts';
import type { Session } from '../session/session.ts';
import type { MapPreset, Settings } from '../session/types.ts';
import type { HookName } from '../spec/program-types.ts';
import { openSession } from './run.ts';

/** One of public/examples/index.json, as web/app/examples.ts reads it. */
export interface Example {
  readonly name: string;
  readonly object: string;
  readonly program?: string;
  readonly hook?: HookName;
  readonly options?: [string, string][];
  readonly context?: [string, string][];
  readonly settings?: Partial<Settings>;
  readonly network?: Network;
  readonly packets: readonly { readonly name: string; readonly hex: string }[];
  readonly maps?: MapPreset[];
}

const folder = join(process.cwd(), 'public/examples');
export const EXAMPLES = JSON.parse(
  readFileSync(join(folder, 'index.json'), 'utf8'),
) as readonly Example[];

/** An example, every packet run, at the start of the chosen one. */
export function openExample(name: string, packet = 0): Session {
  const example = EXAMPLES.find((candidate) => candidate.name === name)!;
  const {
    object,
    program,
    hook,
    options = [],
    context = [],
    settings,
    network,
    packets,
    maps = [],
  } = example;
  const inputs = inputsFor(object, new Uint8Array(readFileSync(join(folder, name, object))));
  return openSession({
    ...inputs,
    ...(program && { program }),
    ...(hook && { hook }),
    ...(network && { network }),
    options,
    context,
    maps,
    settings: { ...inputs.settings, ...settings },
    packets: packets.map(({ name: title, hex }) => ({ name: title, bytes: fromHex(hex)! })),
    packet,
  });
}
