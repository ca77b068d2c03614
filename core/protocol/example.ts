import { fromHex } from '../bytes/hex.ts';
import { inputsFor } from '../session/inputs.ts';
import type { SessionInputs, Settings } from '../session/types.ts';

/**
 * One card of the gallery, as public/examples/index.json has it; files are in
 * public/examples/<name>/. One with notes is a tour. Any input may be given; those that are files
 * or bytes in another form.
 */
export interface Example
  extends Partial<Omit<SessionInputs, 'object' | 'sources' | 'packets' | 'settings'>> {
  readonly name: string;
  /** Where its files are, where not under its name. */
  readonly folder?: string;
  readonly title: string;
  readonly about: string;
  /** What it is about, in words that several have in common. */
  readonly topics: readonly string[];
  /** What to try with it, a line each. */
  readonly tries: readonly string[];
  readonly object: string;
  readonly sources: readonly string[];
  readonly packets: readonly { readonly name: string; readonly hex: string }[];
  readonly settings?: Partial<Settings>;
}

/** The folder of its files in public/examples. */
export const folderOf = ({ folder, name }: Example): string => folder ?? name;

/** What its session is made of; `texts`: of its sources, as far as they are shown. */
export function inputsOfExample(
  example: Example,
  bytes: Uint8Array,
  texts: readonly string[],
): SessionInputs {
  const { name, folder, title, about, topics, tries, ...inputs } = example;
  const { object, sources, packets, settings, ...given } = inputs;
  const usual = inputsFor(object, bytes);
  return {
    ...usual,
    ...given,
    sources: texts.map((text, i) => ({ file: sources[i], text })),
    packets: packets.map((packet) => ({ name: packet.name, bytes: fromHex(packet.hex)! })),
    settings: { ...usual.settings, ...settings },
  };
}
