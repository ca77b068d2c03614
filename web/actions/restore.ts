import type { CapturePlace } from '../../core/protocol/messages.ts';
import { download } from '../browser/download.ts';
import { countTry, endTry } from '../browser/tab.ts';
import { keptSession, send } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { dismissNotice, notify, showError } from '../stores/ui.ts';
import { count } from '../ui/format.ts';
import { openFirstExample } from './examples.ts';
import { type Found, putAside } from './keep.ts';
import { wish } from './wish.ts';

/** A page that could not open a session so often, and was loaded again, tries no more. */
const MOST_TRIES = 2;

/**
 * Opens what was kept of this tab's session, and says so. What cannot be opened is put aside, so
 * that it is not tried again and again; false then.
 */
export async function restore(found: Found): Promise<boolean> {
  if (countTry() > MOST_TRIES) {
    await setAside(found, 'did not open when it was tried before');
    return false;
  }
  const reply = await send({ type: 'open-kept', kept: found.kept, step: found.step });
  if (reply.kind === 'error') {
    await setAside(found, reply.error.message);
    return false;
  }
  endTry();
  tellRestored();
  return true;
}

function tellRestored(): void {
  const { view } = useSession.getState();
  if (!view) return;
  const packets = view.packetNames.length;
  const { capture } = view;
  const with_ = packets === 0 ? '' : `, ${count(packets)} packet${packets === 1 ? '' : 's'}`;
  notify({
    topic: 'kept',
    text: `Restored ${view.object.name}${with_}.`,
    lines: [
      'It is as it was before the page was loaded again.',
      ...(capture ? captureGone(capture) : []),
    ],
    actions: [{ label: 'Begin anew', act: beginAnew }],
  });
}

/** A file can be kept by reference in no browser for sure: what is not here any more is said. */
function captureGone({ name, packet, partial }: CapturePlace): string[] {
  const state = partial ? ' Maps hold a part alone of what they held then.' : '';
  return [
    `It is packet ${count(packet)} of ${name}, which is not open any more: ` +
      `open the file again for its other packets.${state}`,
  ];
}

async function setAside(found: Found, why: string): Promise<void> {
  endTry();
  await putAside();
  notify({
    topic: 'kept',
    text: 'The session of this tab could not be restored and was put aside.',
    lines: [`The kept session ${why}.`],
    actions: [{ label: 'Save it as a file', act: () => saveKept(found) }],
  });
}

/** The first example in the place of what is open; undo brings that back. */
export async function beginAnew(): Promise<void> {
  dismissNotice('kept');
  await openFirstExample(false, true);
}

/** The snapshot file of a session, made without running it. */
async function saveKept({ kept, step }: Pick<Found, 'kept' | 'step'>): Promise<void> {
  const reply = await wish({ type: 'pack-kept', kept, step });
  if (reply.kind === 'done' && reply.value?.kind === 'snapshot-file') download(reply.value);
}

/** The same of the session that is open, whatever became of the worker. */
export async function saveOpen(): Promise<void> {
  const kept = keptSession();
  const step = useSession.getState().snapshot?.step ?? 0;
  if (kept) await saveKept({ kept, step });
  else
    showError(
      { kind: 'input', place: '', message: 'there is no session yet' },
      'Open an object first.',
    );
}
