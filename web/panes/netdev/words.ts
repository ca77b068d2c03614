import type {
  ChainRunView,
  ChainSpeed,
  FilterCounts,
  RatePart,
} from '../../../core/protocol/messages.ts';
import type { FilterKind, FilterQueue, FlowDirection } from '../../../core/spec/net-filters.ts';
import { count } from '../../ui/format.ts';

/** A queue as the guest sees it, which is the other way round than the netdev names it. */
export const QUEUES: Readonly<Record<FilterQueue, string>> = {
  all: 'all: both ways',
  tx: 'tx: to the guest',
  rx: 'rx: from the guest',
};

export const WAYS: Readonly<Record<FlowDirection, string>> = {
  'to-guest': 'to the guest',
  'from-guest': 'from the guest',
};

/** Speeds that are offered, by a name. */
export const SPEEDS: readonly {
  readonly name: string;
  readonly label: string;
  readonly speed: ChainSpeed;
}[] = [
  { name: 'max', label: 'as fast as it goes', speed: { kind: 'max' } },
  { name: 'x1', label: 'as they came', speed: { kind: 'times', factor: 1 } },
  { name: 'x10', label: '10 times as fast', speed: { kind: 'times', factor: 10 } },
  { name: 'x0.1', label: 'a tenth as fast', speed: { kind: 'times', factor: 0.1 } },
  { name: '1', label: '1 packet/s', speed: { kind: 'rate', perSecond: 1 } },
  { name: '10', label: '10 packets/s', speed: { kind: 'rate', perSecond: 10 } },
  { name: '1000', label: '1,000 packets/s', speed: { kind: 'rate', perSecond: 1000 } },
  { name: '100000', label: '100,000 packets/s', speed: { kind: 'rate', perSecond: 100_000 } },
];

export const nameOfSpeed = (speed: ChainSpeed): string =>
  SPEEDS.find((row) => JSON.stringify(row.speed) === JSON.stringify(speed))?.name ?? 'max';

/** What a filter counts, in the order in which it is told; `always`: also where there is none. */
const COUNTED: readonly {
  readonly name: keyof FilterCounts;
  readonly label: (kind: FilterKind) => string;
  readonly always?: true;
}[] = [
  { name: 'seen', label: () => 'came', always: true },
  { name: 'passed', label: () => 'passed', always: true },
  { name: 'dropped', label: () => 'dropped', always: true },
  { name: 'bypassed', label: () => 'not looked at' },
  { name: 'faulted', label: () => 'faulted' },
  { name: 'stolen', label: (kind) => (kind === 'filter-buffer' ? 'held' : 'taken out') },
  { name: 'released', label: () => 'let go' },
  { name: 'copied', label: () => 'copied' },
];

/** Rows of a filter's counters. */
export const countersOf = (kind: FilterKind, counts: FilterCounts | undefined) =>
  COUNTED.flatMap(({ name, label, always }) => {
    const row = counts?.[name];
    const [to, from] = [row?.['to-guest'] ?? 0, row?.['from-guest'] ?? 0];
    return always || to + from > 0 ? [{ name, label: label(kind), to, from }] : [];
  });

/** Packets a second of a part of the time. */
export const perSecond = ({ packets, length }: RatePart): number => (1000 * packets) / length;

/** `1,234 packets/s` */
export const paceOf = (rate: readonly RatePart[]): string => {
  const last = rate.at(-1);
  return last ? `${count(Math.round(perSecond(last)))} packets/s` : '';
};

/** A virtual time: `3.2 ms`. */
export function timeWords(nanoseconds: number): string {
  const units: [string, number][] = [
    ['s', 1e9],
    ['ms', 1e6],
    ['µs', 1e3],
  ];
  const [unit, size] = units.find(([, one]) => nanoseconds >= one) ?? ['ns', 1];
  const value = nanoseconds / size;
  return `${value >= 100 ? count(Math.round(value)) : Number(value.toPrecision(3))} ${unit}`;
}

/** How far the traffic is. */
export function progressWords({ entered, packets, isWhole, state, time }: ChainRunView): string {
  const about = isWhole ? '' : 'about ';
  const words = { running: 'flowing', paused: 'paused', done: 'all have flowed' }[state];
  const clock = `${timeWords(time)} by their clock`;
  return `${count(entered)} of ${about}${count(packets)} packets, ${words}; ${clock}`;
}

/** Of a swap: what each version has judged. */
export const judgedBy = ({ seen }: FilterCounts): number => seen['to-guest'] + seen['from-guest'];
