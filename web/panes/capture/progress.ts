import type { TrafficView } from '../../../core/protocol/messages.ts';
import { count } from '../../ui/format.ts';

/** How far the run over a capture was at a time; ms. */
export interface Mark {
  readonly at: number;
  readonly judged: number;
}

/** Marks that a rate is taken from. */
const WINDOW_MS = 3000;

/** The marks of the last seconds with one more; of a run that begins anew it alone. */
export function withMark(marks: readonly Mark[], now: Mark): readonly Mark[] {
  const last = marks.at(-1);
  if (last && now.judged < last.judged) return [now];
  if (last?.judged === now.judged) return marks;
  return [...marks.filter(({ at }) => now.at - at <= WINDOW_MS), now];
}

/** Packets a second; undefined where that is not known yet. */
export function rateOf(marks: readonly Mark[]): number | undefined {
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last || last.at - first.at < 100) return undefined;
  return ((last.judged - first.judged) * 1000) / (last.at - first.at);
}

/** Packets that there will be: of a file that is not read to its end, by the part that is. */
export function expectedPackets({ packets, isWhole, read, size }: TrafficView): number {
  return isWhole || read === 0 ? packets : Math.round((packets * size) / read);
}

/** `12 s`, `3 min 5 s`. */
export function durationWords(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `250,000 packets/s, 12 s left`. */
export function paceWords(traffic: TrafficView, rate: number | undefined): string {
  if (rate === undefined || rate <= 0) return '';
  const left = (expectedPackets(traffic) - traffic.judged) / rate;
  return `${count(Math.round(rate))} packets/s, ${durationWords(left)} left`;
}

/** `on 4 cores`, `on one core: each run sees what those before it put into map "hits"`. */
export const coresWords = ({ count: cores, why }: NonNullable<TrafficView['cores']>): string =>
  cores > 1 ? `on ${cores} cores` : `on one core${why === undefined ? '' : `: ${why}`}`;
