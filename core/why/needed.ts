import { toHex } from '../bytes/hex.ts';
import type { FieldNode } from '../packet/types.ts';
import type { TurningChange } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Counterfactual } from './counterfactual.ts';
import { bitCount, bytesText, type FieldPart, fieldParts, wordsOf } from './field-parts.ts';
import type { SlicedBranch } from './slice.ts';

/** Fields that are named of what is needed. */
const MOST_NAMED = 3;

type LayersOf = (frame: Uint8Array) => readonly FieldNode[];

/**
 * How a part has to be in another packet. `equality`: it was compared with one value, which it had
 * to have or not.
 */
function partWords(
  part: FieldPart,
  before: Uint8Array,
  after: Uint8Array,
  equality: 'is' | 'is not' | undefined,
): string {
  const now = wordsOf(part, before);
  const then = wordsOf(part, after);
  if (now.isPrefix)
    return equality === 'is not'
      ? `${now.name} outside ${now.value}`
      : `${now.name} in ${then.value}`;
  if (bitCount(part) === 1) return `${then.name} ${part.isWhole ? part.node.text : then.value}`;
  if (equality === 'is not') return `${now.name} other than ${now.value}`;
  return equality === 'is' ? `${then.name} ${then.value}` : `${then.name} such as ${then.value}`;
}

/** What the packet has to be, in its fields' own words, of the bits that were compared. */
function neededFor(
  session: Session,
  branch: SlicedBranch | undefined,
  counterfactual: Counterfactual,
  layersOf: LayersOf,
): string {
  const { frame } = session;
  const { frame: other, offset, bytes, exact } = counterfactual;
  if (other.length !== frame.length) return `a packet of ${other.length} bytes`;
  const changed = new Map<number, number>();
  for (let at = 0; at < frame.length; at++) if (frame[at] !== other[at]) changed.set(at, 0xff);
  const compared = branch?.causes.packet ?? new Map<number, number>();
  const bits = new Map([...compared].filter(([at]) => nearChange(at, changed)));
  const row = branch && session.machine!.code.instructions[branch.pc]?.row;
  const isEquality = exact && row?.kind === 'jump' && (row.op === 'jeq' || row.op === 'jne');
  const equality = isEquality
    ? (row.op === 'jeq') === branch!.taken
      ? 'is not'
      : 'is'
    : undefined;
  const parts = fieldParts(layersOf(other), branch === undefined ? changed : bits).filter((part) =>
    part.bits.some(
      (mask, i) => ((frame[part.node.offset + i] ^ other[part.node.offset + i]) & mask) !== 0,
    ),
  );
  const words = parts.map((part) => partWords(withText(part), frame, other, equality));
  const more = words.length - MOST_NAMED;
  const said = words.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return said || `${bytesText(offset, bytes.length)} ${toHex(bytes)}`;

  /** A whole field reads as it stands in the packet that came. */
  function withText(part: FieldPart): FieldPart {
    if (!part.isWhole || equality !== 'is not' || bitCount(part) === 1) return part;
    const same = fieldParts(
      layersOf(frame),
      new Map([...part.bits.entries()].map(([i, mask]) => [part.node.offset + i, mask])),
    );
    return (
      same.find(({ node }) => node.name === part.node.name && node.offset === part.node.offset) ??
      part
    );
  }
}

/** Bytes that were compared together with one that changed: of one number, or next to it. */
const nearChange = (at: number, changed: ReadonlyMap<number, number>): boolean =>
  Array.from({ length: 31 }, (_, i) => at - 15 + i).some((byte) => changed.has(byte));

/** A change of the packet as it is offered; without a branch it is one of the value. */
export function changeOf(
  session: Session,
  branch: SlicedBranch | undefined,
  counterfactual: Counterfactual,
  layersOf: LayersOf,
): TurningChange {
  const { offset, bytes, frame, verdict } = counterfactual;
  const resized = frame.length !== session.frame.length;
  return {
    needed: neededFor(session, branch, counterfactual, layersOf),
    offset,
    bytes: resized ? '' : toHex(bytes),
    ...(resized && { length: frame.length }),
    verdict,
  };
}
