import { DEFAULT_SETTINGS } from '../../core/protocol/defaults.ts';
import type { SessionInputs, Settings } from '../../core/protocol/messages.ts';
import type { HookName } from '../../core/spec/program-types.ts';
import { send } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { showError } from '../stores/ui.ts';
import { wish } from './wish.ts';

/**
 * One card of the gallery, as public/examples/index.json has it; files are in
 * public/examples/<name>/.
 */
export interface Example {
  name: string;
  title: string;
  about: string;
  object: string;
  sources: string[];
  program?: string;
  hook?: HookName;
  options?: [string, string][];
  context?: [string, string][];
  settings?: Partial<Settings>;
  network?: SessionInputs['network'];
  packets: { name: string; hex: string }[];
  maps?: { map: string; key: string; value: string }[];
  rebuild: string;
}

async function fetchPart(path: string): Promise<Response> {
  const response = await fetch(`examples/${path}`);
  if (!response.ok) throw new Error(`examples/${path} answered ${response.status}`);
  return response;
}

export const listExamples = async (): Promise<Example[]> => (await fetchPart('index.json')).json();

/** The gallery's own hex, two digits a byte. */
const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));

async function inputsOf(example: Example): Promise<SessionInputs> {
  const [object, ...texts] = await Promise.all([
    fetchPart(`${example.name}/${example.object}`).then((response) => response.arrayBuffer()),
    ...example.sources.map((file) =>
      fetchPart(`${example.name}/${file}`).then((response) => response.text()),
    ),
  ]);
  return {
    object: { name: example.object, bytes: new Uint8Array(object) },
    sources: example.sources.map((file, index) => ({ file, text: texts[index] })),
    program: example.program,
    hook: example.hook,
    options: example.options ?? [],
    packets: example.packets.map(({ name, hex }) => ({ name, bytes: bytesOf(hex) })),
    packet: 0,
    context: example.context ?? [],
    maps: example.maps ?? [],
    breakpoints: [],
    step: 0,
    settings: { ...DEFAULT_SETTINGS, ...example.settings },
    network: example.network,
  };
}

export async function openExample(example: Example): Promise<void> {
  try {
    await wish({ type: 'open-inputs', inputs: await inputsOf(example) });
  } catch (error) {
    showError({ kind: 'bug', place: example.name, message: String(error) }, '');
  }
}

/**
 * What a first visit sees. `quiet`: after a link that did not open, whose error must stay in sight.
 */
export async function openFirstExample(quiet: boolean): Promise<void> {
  try {
    const [first] = await listExamples();
    const inputs = await inputsOf(first);
    // A file or a link that was opened meanwhile stays.
    if (!useSession.getState().view) await (quiet ? send : wish)({ type: 'open-inputs', inputs });
  } catch (error) {
    showError(
      { kind: 'bug', place: 'examples', message: String(error) },
      'Drop an object file of your own to begin.',
    );
  }
}
