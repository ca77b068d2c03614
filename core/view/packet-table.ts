import { dissect } from '../packet/dissect.ts';
import { type DisplayFilter, filterOf } from '../packet/filter/filter.ts';
import type { FieldNode } from '../packet/types.ts';
import type {
  PacketColumn,
  PacketQuery,
  PacketRow,
  PacketTable,
  PacketTableRow,
} from '../protocol/messages.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { faultView } from './snapshot.ts';

type Link = 'raw' | 'ethernet';

export const linkTypeOf = ({ hook }: Session): Link => (hook === 'ubpf' ? 'raw' : 'ethernet');

interface Said {
  readonly summary: string;
  readonly protocol: string;
}

/** Packets are never changed in place: what is said of one stays what it is. */
const said: Record<Link, WeakMap<Uint8Array, Said>> = {
  raw: new WeakMap(),
  ethernet: new WeakMap(),
};

/** What is behind the headers is no protocol. */
const isHeader = ({ name, children }: FieldNode): boolean => name !== 'data' && children.length > 0;

function saidOf(bytes: Uint8Array, link: Link): Said {
  const known = said[link].get(bytes);
  if (known !== undefined) return known;
  const { summary, layers } = dissect(bytes, link);
  const found = { summary, protocol: layers.findLast(isHeader)?.label ?? '' };
  said[link].set(bytes, found);
  return found;
}

/** A packet as lists show it. */
export function packetRow(session: Session, index: number): PacketRow {
  const { name, bytes } = session.inputs.packets[index];
  const verdict = session.outcomes[index]?.verdict;
  const { summary } = saidOf(bytes, linkTypeOf(session));
  return { name, length: bytes.length, summary, ...(verdict && { verdict }) };
}

/** The innermost protocol of a packet. */
export const innermostProtocol = (session: Session, index: number): string =>
  saidOf(session.inputs.packets[index].bytes, linkTypeOf(session)).protocol;

function tableRow(session: Session, index: number, start?: bigint): PacketTableRow {
  const outcome = session.outcomes[index];
  const time = secondsSince(start, session.inputs.packets[index].time);
  return {
    ...packetRow(session, index),
    index,
    ...(time !== undefined && { time }),
    protocol: innermostProtocol(session, index),
    ...(outcome?.ran && { steps: outcome.steps }),
    faulted: outcome?.fault !== undefined,
  };
}

/** When the first packet that says it was captured. */
function startOf({ inputs }: Session): bigint | undefined {
  const first = inputs.packets.find(({ time }) => time !== undefined)?.time;
  return first === undefined ? undefined : BigInt(first);
}

const secondsSince = (start: bigint | undefined, time: string | undefined): number | undefined =>
  start === undefined || time === undefined ? undefined : Number(BigInt(time) - start) / 1e9;

/** What the rows of a column are compared by. */
const KEY: Record<PacketColumn, (row: PacketTableRow) => string | number> = {
  number: ({ index }) => index,
  time: ({ time }) => time ?? Number.NEGATIVE_INFINITY,
  name: ({ name }) => name,
  summary: ({ summary }) => summary,
  protocol: ({ protocol }) => protocol,
  length: ({ length }) => length,
  verdict: ({ verdict }) => verdict?.name ?? '',
  steps: ({ steps }) => steps ?? -1,
};

function sorted(rows: PacketTableRow[], { sort, descending }: PacketQuery): PacketTableRow[] {
  const key = KEY[sort];
  const sign = descending ? -1 : 1;
  return rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === y ? a.index - b.index : sign * (x < y ? -1 : 1);
  });
}

/** Whether a filter leaves a packet; one that did not run yet has no verdict. */
function passes(session: Session, filter: DisplayFilter, index: number, start?: bigint): boolean {
  const { bytes, time, wireLength } = session.inputs.packets[index];
  const outcome = session.outcomes[index];
  const fault = outcome?.fault;
  return filter.matches({
    number: index + 1,
    bytes,
    link: linkTypeOf(session),
    length: wireLength ?? bytes.length,
    timestamp: time === undefined ? undefined : BigInt(time),
    firstTimestamp: start,
    verdict: outcome?.verdict,
    steps: outcome?.ran ? outcome.steps : undefined,
    fault: fault && session.machine ? faultView(session.machine.code, fault).message : undefined,
  });
}

/** What a filter that asks for packets alone has left of them. */
interface Left {
  readonly text: string;
  readonly link: Link;
  readonly indexes: ReadonlySet<number>;
}
/** Of the last one: whoever scrolls through its packets asks for them again and again. */
const lastLeft = new WeakMap<SessionInputs['packets'], Left>();

/** The packets that a filter leaves. */
function leftBy(session: Session, filter: DisplayFilter, text: string): ReadonlySet<number> {
  const { packets } = session.inputs;
  const link = linkTypeOf(session);
  const known = lastLeft.get(packets);
  if (known?.text === text && known.link === link) return known.indexes;
  const start = startOf(session);
  const indexes = new Set<number>();
  for (let index = 0; index < packets.length; index++)
    if (passes(session, filter, index, start)) indexes.add(index);
  if (!filter.needsOutcome) lastLeft.set(packets, { text, link, indexes });
  return indexes;
}

function hasWords({ index, name, summary, protocol }: PacketTableRow, words: string[]): boolean {
  const text = `${index + 1} ${name} ${summary} ${protocol}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * The packets of a query, and of them so many rows; an InputError where its text is meant as a
 * filter and is none.
 */
export function packetTable(
  session: Session,
  query: PacketQuery,
  from: number,
  count: number,
): PacketTable {
  const filter = filterOf(query.text);
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const left = filter && leftBy(session, filter, query.text);
  const start = startOf(session);
  const found: PacketTableRow[] = [];
  for (let index = 0; index < session.inputs.packets.length; index++) {
    if (left && !left.has(index)) continue;
    const row = tableRow(session, index, start);
    if (left || hasWords(row, words)) found.push(row);
  }
  const wanted = found.filter(
    ({ verdict }) => query.verdict === undefined || verdict?.name === query.verdict,
  );
  return {
    kind: 'packet-table',
    total: session.inputs.packets.length,
    matching: wanted.length,
    from,
    rows: sorted(wanted, query).slice(from, from + count),
    counts: countsOf(found),
    unjudged: found.filter(({ verdict }) => verdict === undefined).length,
    ...(words.length > 0 && { takenFor: filter ? ('filter' as const) : ('words' as const) }),
    timed: start !== undefined,
  };
}

function countsOf(rows: readonly PacketTableRow[]): PacketTable['counts'] {
  const counts = new Map<string, PacketTable['counts'][number]>();
  for (const { verdict } of rows) {
    if (verdict === undefined) continue;
    const { name, action } = verdict;
    const row = counts.get(name);
    counts.set(name, { name, action, count: (row?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

export type Sought = 'drop' | 'fault' | 'change';

interface SoughtRow {
  readonly is: (outcome: RunOutcome, selected: RunOutcome | undefined) => boolean;
  /** What is said where there is none. */
  readonly missing: string;
}

/** What a person looks for along a capture. */
export const SOUGHT: Readonly<Record<Sought, SoughtRow>> = {
  drop: {
    is: ({ verdict }) => verdict.action === 'drop' || verdict.action === 'aborted',
    missing: 'No packet behind this one is dropped',
  },
  fault: {
    is: ({ fault }) => fault !== undefined,
    missing: 'No packet behind this one faults',
  },
  change: {
    is: ({ verdict }, selected) => verdict.name !== selected?.verdict.name,
    missing: 'Every packet behind this one has its verdict',
  },
};

/** The next packet behind the selected one that is what is sought. */
export function nextPacket(session: Session, sought: Sought): number | undefined {
  const { packet, packets } = session.inputs;
  const selected = session.outcomes[packet];
  for (let index = packet + 1; index < packets.length; index++) {
    const outcome = session.outcomes[index];
    if (outcome !== undefined && SOUGHT[sought].is(outcome, selected)) return index;
  }
  return undefined;
}
