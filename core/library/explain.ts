import { present } from '../errors.ts';
import { nextPacketSession } from '../session/next-packet.ts';
import { finish, runnableSession } from '../session/session.ts';
import { explainResult } from '../why/why.ts';
import { type LibraryFilter, resultOf } from './filter.ts';
import type { Explanation } from './types.ts';

/**
 * Runs a packet as the next one, says why it got its verdict, and leaves the filter as it was. The
 * interpreter does it, step by step.
 */
export function explained(filter: LibraryFilter, bytes: Uint8Array): Explanation {
  const { session } = filter;
  const { machine } = session;
  const here = machine.save();
  try {
    const alone = nextPacketSession(session, bytes, filter.packets === 0);
    finish(alone.prepareSelected());
    const outcome = present(runnableSession(alone).outcome, 'the outcome of a packet');
    const { text, more, note, decided, causes } = finish(explainResult(alone, undefined));
    return {
      text,
      more,
      note,
      bytes: decided,
      causes: causes.map(({ kind, name, what, says }) => ({ kind, name, text: `${what} ${says}` })),
      result: resultOf(outcome, []),
    };
  } finally {
    machine.restore(here);
  }
}
