import { openFirstExample } from '../actions/examples.ts';
import { forgetStaleAnswers } from '../actions/explain.ts';
import { beginKeeping, findKept } from '../actions/keep.ts';
import { restore } from '../actions/restore.ts';
import { tellBroken } from '../actions/tests.ts';
import { wish } from '../actions/wish.ts';
import { asksForEmbed, fragmentOf, isEmbed } from '../browser/link.ts';
import { standsAt } from '../stores/code.ts';
import { useSession } from '../stores/session.ts';
import { moveToPacket, moveToProgram, setCursor, setNotesOpen } from '../stores/ui.ts';
import { announceSteps } from './announce.ts';

/**
 * Opens the link in the address bar, else the first example; a bad link leaves its error over the
 * example.
 */
async function openAddress(): Promise<void> {
  const fragment = fragmentOf(location.hash);
  if (fragment === undefined) {
    if (!useSession.getState().view) await openFirstExample(false);
    return;
  }
  const reply = await wish({ type: 'open-link', fragment });
  if (reply.kind === 'error' && !useSession.getState().view) await openFirstExample(true);
}

/**
 * What was kept of this tab's session comes before the address, where it stood under that very
 * address: the person went on from there.
 */
async function openAtFirst(): Promise<void> {
  const found = await findKept();
  const isRestored = found?.address === location.hash && (await restore(found));
  if (!isRestored) await openAddress();
  beginKeeping(!isRestored);
}

/**
 * Addresses are opened one after the other: a link followed while the first example loads must not
 * be overwritten by it.
 */
let opening: Promise<void> = Promise.resolve();

function openNext(): void {
  // What the page is, it is from its beginning on.
  if (asksForEmbed(location.hash) !== isEmbed) location.reload();
  opening = opening.then(openAddress);
}

/** The cursor of the listing follows the run to its end, and leaves with its program. */
function followRun(): void {
  useSession.subscribe((now, before) => {
    const moved =
      now.snapshot?.pc !== before.snapshot?.pc || now.snapshot?.step !== before.snapshot?.step;
    if (now.view?.code !== before.view?.code && now.view?.program !== before.view?.program)
      moveToProgram(standsAt(now.snapshot));
    else if (moved && standsAt(now.snapshot) !== undefined) setCursor(standsAt(now.snapshot));
    if (now.view?.packet !== before.view?.packet) moveToPacket();
    if (now.view?.notes !== before.view?.notes && now.view?.notes.length) setNotesOpen(true);
    if (now.view && now.view.object.name !== before.view?.object.name)
      document.title = `${now.view.object.name} - eBPF playground`;
  });
}

export function begin(): void {
  forgetStaleAnswers();
  followRun();
  announceSteps();
  tellBroken();
  window.addEventListener('hashchange', openNext);
  opening = isEmbed ? openAddress() : openAtFirst();
}
