import { type Example, folderOf, inputsOfExample } from '../../core/protocol/example.ts';
import type { SessionInputs } from '../../core/protocol/messages.ts';
import { send } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { showError } from '../stores/ui.ts';
import { wish } from './wish.ts';

async function fetchPart(path: string): Promise<Response> {
  const response = await fetch(`examples/${path}`);
  if (!response.ok) throw new Error(`examples/${path} answered ${response.status}`);
  return response;
}

export const listExamples = async (): Promise<Example[]> => (await fetchPart('index.json')).json();

async function inputsOf(example: Example): Promise<SessionInputs> {
  const [object, ...texts] = await Promise.all([
    fetchPart(`${folderOf(example)}/${example.object}`).then((response) => response.arrayBuffer()),
    ...example.sources.map((file) =>
      fetchPart(`${folderOf(example)}/${file}`).then((response) => response.text()),
    ),
  ]);
  return inputsOfExample(example, new Uint8Array(object), texts);
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
 * `anew`: in the place of whatever is open.
 */
export async function openFirstExample(quiet: boolean, anew = false): Promise<void> {
  try {
    const [first] = await listExamples();
    const inputs = await inputsOf(first);
    // A file or a link that was opened meanwhile stays.
    if (anew || !useSession.getState().view)
      await (quiet ? send : wish)({ type: 'open-inputs', inputs });
  } catch (error) {
    showError(
      { kind: 'bug', place: 'examples', message: String(error) },
      'Drop an object file of your own to begin.',
    );
  }
}
