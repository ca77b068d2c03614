import type { Go, Rebuilt, Reply, Wish } from '../../core/protocol/messages.ts';
import { send } from '../engine/engine.ts';
import { brokenWords } from '../stores/expectations.ts';
import { useSession } from '../stores/session.ts';
import {
  announce,
  dismissNotice,
  dismissRefusals,
  followRunningFrame,
  notify,
  showError,
  toast,
} from '../stores/ui.ts';

/** What to do next when a wish of this kind cannot be granted. */
const ADVICE: Partial<Record<Wish['type'], string>> = {
  'open-blob':
    'What was open is still there. An object is built with: ' +
    'clang -O2 -g -target bpf -c program.c -o program.o',
  'open-text':
    'What was open is still there. Use Open to say whether the text is an object, ' +
    'a packet or assembly.',
  'open-link':
    'The link may have been cut on its way: copy it again in full, or ask for the snapshot file.',
  'open-inputs': 'Open another example, or a file of your own.',
  'add-packet': 'Any hex dump will do: plain hex, xxd, tcpdump -xx, a C array, Wireshark.',
  'set-packet-text': 'Any hex dump will do: plain hex, xxd, tcpdump -xx, a C array, Wireshark.',
  'edit-field': 'The packet is as it was.',
  'set-map-entry':
    'A key and a value are hex bytes of their full width, or a number where they are 1, 2, ' +
    '4 or 8 bytes wide; programs and maps go by their names.',
  'set-context': 'A number, decimal or with 0x.',
};

/** What a wish that was granted says. */
function tell({ view, notice, rebuilt }: Extract<Reply, { kind: 'done' }>): void {
  if (view) dismissRefusals();
  if (notice !== undefined) tellNotice(notice);
  if (rebuilt) tellRebuilt(rebuilt);
}

/** A toast; not over the work what stands at the packet for good: how it was read. */
function tellNotice(notice: string): void {
  if (useSession.getState().view?.packetNotes.includes(notice)) announce(notice);
  else toast(notice);
}

/**
 * Sends a wish on behalf of a person: what goes wrong is shown with its place and what to do, a
 * notice as a toast.
 */
export async function wish(what: Wish, key?: string): Promise<Reply> {
  const reply = await send(what, key);
  if (reply.kind === 'error')
    showError(reply.error, reply.error.kind === 'bug' ? '' : (ADVICE[what.type] ?? ''));
  if (reply.kind === 'done') tell(reply);
  return reply;
}

/** What went on with a rebuilt object, and what did not: a list to read in peace. */
function tellRebuilt({ name, size, kept, lost }: Rebuilt): void {
  const undo = () => {
    dismissNotice('rebuilt');
    wish({ type: 'undo' });
  };
  notify({
    topic: 'rebuilt',
    text: `Opened ${name} anew, ${size} bytes.`,
    lines: [
      ...(kept.length > 0 ? [`Kept: ${kept.join(', ')}.`] : []),
      ...(lost.length > 0 ? [`Not kept: ${lost.join('; ')}.`] : []),
    ],
    actions: [{ label: 'Undo', act: undo }],
  });
  const broken = brokenWords(useSession.getState().view?.expectations ?? []);
  // The notice of what broke came before this one, which would be all that is told.
  if (broken) announce([`Opened ${name} anew.`, broken.text, ...broken.lines].join(' '));
}

/**
 * The same for what was typed into a field: why it is refused is said there, so it is the answer;
 * undefined where it was granted.
 */
export async function attempt(what: Wish): Promise<string | undefined> {
  const answer = await granted(what);
  return typeof answer === 'string' && answer !== '' ? answer : undefined;
}

/** The same with the reply; a text: why not, empty where a message over the page says it. */
export async function granted(
  what: Wish,
  key?: string,
): Promise<Extract<Reply, { kind: 'done' }> | string> {
  const reply = await send(what, key);
  if (reply.kind === 'done') {
    tell(reply);
    return reply;
  }
  if (reply.kind !== 'error') return '';
  if (reply.error.kind === 'bug') {
    showError(reply.error, '');
    return '';
  }
  const { place, message } = reply.error;
  const advice = ADVICE[what.type];
  return `${place ? `${place}: ` : ''}${message}.${advice ? ` ${advice}` : ''}`;
}

/** Moves through the run; the pane follows the running frame again. */
export function go(step: Go, key?: string): Promise<Reply> {
  followRunningFrame();
  return wish({ type: 'go', go: step }, key);
}
