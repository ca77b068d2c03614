import type { Edit, SessionInputs, SessionPacket } from '../session/types.ts';
import type { CoverResult } from './cover.ts';

/**
 * Packets of a set as packets of a session; entries are changes in front of their first step. Where
 * the program asks for the time, they have the times at which they came, and the clock goes by
 * those.
 */
export function coveringInputs(
  inputs: SessionInputs,
  { packets, isTimed }: Pick<CoverResult, 'packets' | 'isTimed'>,
): Pick<SessionInputs, 'packets' | 'edits'> & Partial<Pick<SessionInputs, 'settings'>> {
  const { edits = [], settings } = inputs;
  const first = inputs.packets.length;
  const made = packets.slice(first);
  const entries = made.flatMap(({ done, fill }, i): Edit[] => {
    const place = { packet: first + i, step: 0 };
    const changed = done.map(
      ({ map, key, value = '' }): Edit => ({ ...place, target: { kind: 'map', map, key }, value }),
    );
    return fill === undefined
      ? changed
      : [...changed, { ...place, target: { kind: 'fill', map: fill }, value: '' }];
  });
  const all: SessionPacket[] = [
    ...inputs.packets,
    ...made.map(({ name, bytes }) => ({ name, bytes })),
  ];
  return {
    packets: isTimed ? timed(inputs, all, packets) : all,
    ...(edits.length + entries.length > 0 && { edits: [...edits, ...entries] }),
    ...(isTimed && { settings: { ...settings, clock: 'capture' as const } }),
  };
}

/** Times of a capture stay what they are, where the session goes by them. */
function timed(
  { packets: given, settings }: SessionInputs,
  all: readonly SessionPacket[],
  times: CoverResult['packets'],
): SessionPacket[] {
  const goesByThem = settings.clock === 'capture' && given.every(({ time }) => time !== undefined);
  const first = BigInt(given[0]?.time ?? 0);
  const start = times[0]?.time ?? 0n;
  return all.map((packet, k) =>
    goesByThem && k < given.length
      ? packet
      : { ...packet, time: String(first + times[k].time - start) },
  );
}
