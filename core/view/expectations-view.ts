import type { ExpectationRow, ExpectationsPart } from '../protocol/messages.ts';
import { expectationText, unmetText } from '../session/expectation-words.ts';
import type { Session } from '../session/session.ts';
import type { Expectation } from '../session/types.ts';

/** What is expected of a session's packets, with what came of it as far as they were run. */
export function expectationsPart(session: Session): ExpectationsPart {
  const { expectations = [] } = session.inputs;
  const row = (expectation: Expectation): ExpectationRow => {
    const { packet, verdict = '' } = expectation;
    const missed = session.unmet(expectation);
    return {
      packet,
      verdict,
      text: expectationText(expectation),
      entries: expectation.maps?.length ?? 0,
      ...(missed && { met: missed.length === 0 }),
      unmet: (missed ?? []).map(unmetText),
    };
  };
  return {
    expectations: expectations.map(row),
    expected: {
      packetOut: expectations.some(({ packetOut }) => packetOut !== undefined),
      maps: expectations.some(({ maps }) => maps !== undefined),
    },
  };
}
