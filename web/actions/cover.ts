import type { CoverView } from '../../core/protocol/messages.ts';
import { announce } from '../stores/ui.ts';
import { plural } from '../ui/format.ts';
import { wish } from './wish.ts';

/** Adds packets that cover; undefined where it was stopped or cannot be done. */
export async function coverAll(): Promise<CoverView | undefined> {
  const reply = await wish({ type: 'cover' });
  if (reply.kind !== 'done' || reply.value?.kind !== 'cover') return undefined;
  const { made, after, ways } = reply.value;
  announce(`${plural(made, 'packet')} made, ${after} of ${ways} ways are taken`);
  return reply.value;
}
