import { present } from '../errors.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
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
    if (filter.packets > 0) machine.passTime();
    const image = machine.save();
    const { time, random } = image.surroundings;
    const build = present(session.build, 'the machine of a filter');
    const alone = new Session(
      {
        ...session.inputs,
        maps: [],
        packets: [{ name: 'packet', bytes }],
        settings: { ...session.inputs.settings, time: time.toString(), seed: random },
      },
      machine.memory.linear,
      session.object,
    );
    alone.startFrom({ build, image, maps: [] });
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
