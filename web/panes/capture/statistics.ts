import type { OutcomeRow, PacketStatistics } from '../../../core/protocol/messages.ts';
import { count } from '../../ui/format.ts';

/** `12.5 %`; what is less than a tenth of one is not called none. */
export function share(part: number, all: number): string {
  if (part === 0 || all === 0) return '0 %';
  const percent = (100 * part) / all;
  return percent < 0.1 ? 'below 0.1 %' : `${Number(percent.toFixed(1))} %`;
}

/** What a chart along a capture draws. */
export type Charted = Pick<PacketStatistics, 'partSize' | 'total'> & {
  readonly outcomes: readonly Pick<OutcomeRow, 'name' | 'action' | 'parts'>[];
};

/** `Packets 1 to 40: XDP_PASS 38, XDP_DROP 2`. */
export function partInWords({ outcomes, partSize, total }: Charted, part: number): string {
  const first = part * partSize + 1;
  const last = Math.min(total, first + partSize - 1);
  const which =
    first === last ? `Packet ${count(first)}` : `Packets ${count(first)} to ${count(last)}`;
  const there = outcomes
    .filter(({ parts }) => (parts[part] ?? 0) > 0)
    .map(({ name, parts }) => `${name} ${count(parts[part] ?? 0)}`);
  return `${which}: ${there.length > 0 ? there.join(', ') : 'not run'}`;
}
