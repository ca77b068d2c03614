import type { Edit, SessionInputs } from '../session/types.ts';
import type { Candidate } from './set.ts';

/** Packets of a set as packets of a session; entries are changes in front of their first step. */
export function coveringInputs(
  inputs: SessionInputs,
  packets: readonly Candidate[],
): Pick<SessionInputs, 'packets' | 'edits'> {
  const { edits = [] } = inputs;
  const first = inputs.packets.length;
  const made = packets.slice(first);
  const entries = made.flatMap(({ entries }, i) =>
    entries.map(
      ({ map, key, value = '' }): Edit => ({
        packet: first + i,
        step: 0,
        target: { kind: 'map', map, key },
        value,
      }),
    ),
  );
  return {
    packets: [...inputs.packets, ...made.map(({ name, bytes }) => ({ name, bytes }))],
    ...(edits.length + entries.length > 0 && { edits: [...edits, ...entries] }),
  };
}
