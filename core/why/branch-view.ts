import { disassemble } from '../asm/disassemble.ts';
import type { FieldNode } from '../packet/types.ts';
import { lineAt } from '../program/lines.ts';
import type { DecisiveBranch, FieldFact } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Step } from '../spec/units.ts';
import type { CauseNames } from './cause-names.ts';
import { fieldParts, type PacketBits, readingOf, wordsOf } from './field-parts.ts';
import { causesOf, comparedAt, type SlicedBranch, type SliceRoom } from './slice.ts';
import type { Trace } from './trace.ts';
import { KIND } from './trace-inputs.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The fields of a packet that some of its bits lie in, with what these say. */
export const factsOf = (
  layers: readonly FieldNode[],
  bits: PacketBits,
  frame: Uint8Array,
): FieldFact[] =>
  fieldParts(layers, bits).map((part) => {
    const { name, label, text, offset, length } = part.node;
    return {
      name,
      label,
      text,
      offset,
      length,
      what: wordsOf(part, frame).placed,
      says: readingOf(part, frame),
    };
  });

/** What a branch compared, in words and places. */
export class BranchViews {
  private readonly session: Session;
  private readonly trace: Trace;
  private readonly room: SliceRoom;
  private readonly names: CauseNames;
  private readonly layers: readonly FieldNode[];

  constructor(
    session: Session,
    trace: Trace,
    room: SliceRoom,
    names: CauseNames,
    layers: readonly FieldNode[],
  ) {
    this.session = session;
    this.trace = trace;
    this.room = room;
    this.names = names;
    this.layers = layers;
  }

  of(branch: SlicedBranch, isLast: boolean): DecisiveBranch {
    const { code } = this.session.machine!;
    const { frame } = this.session;
    const { causes, pc, step, taken, left, right } = branch;
    const instruction = code.instructions[pc];
    const line = lineAt(code, pc);
    const row = instruction?.row;
    const answers = this.names.answers(causes);
    const failed = answers.some((answer) => answer.failed);
    const checksLength = causes.length && this.isCheck(branch, isLast);
    const checksCall = answers.length > 0 && !failed && !causes.length;
    return {
      pc,
      step,
      text: row ? disassemble(instruction) : '',
      taken,
      compared: `${hex(left)} ${row?.kind === 'jump' ? row.sign : '?'} ${hex(right)}`,
      ...(line &&
        line.line > 0 && { line: { file: line.file, line: line.line, text: line.text.trim() } }),
      fields: this.fieldsOf(branch),
      others: this.names.told(causes),
      answers: answers.map(({ text }) => text),
      // Of a call it is the answer that was compared; the length is behind it.
      ...(causes.length && answers.length === 0 && { length: frame.length }),
      ...((checksLength || checksCall) && { passes: true as const }),
    };
  }

  /** What was compared before what only said where it is. */
  private fieldsOf({ step, causes }: SlicedBranch): FieldFact[] {
    const { frame } = this.session;
    const direct = comparedAt(this.trace, this.room, step, 'direct').packet;
    const first = factsOf(this.layers, direct, frame);
    const isSaid = ({ name, offset }: FieldFact) =>
      first.some((fact) => fact.name === name && fact.offset === offset);
    return [
      ...first,
      ...factsOf(this.layers, causes.packet, frame).filter((fact) => !isSaid(fact)),
    ];
  }

  /**
   * Whether a branch that has to do with the length only asked whether the packet is long enough:
   * any longer one goes the same way. By pointers that is a bounds check; by numbers, where
   * something else was asked after it.
   */
  private isCheck(
    { step, pc, taken, left, right, causes }: SlicedBranch,
    isLast: boolean,
  ): boolean {
    const row = this.session.machine!.code.instructions[pc]?.row;
    if (row?.kind !== 'jump') return false;
    if (causes.answers.size > 0) return !this.names.answers(causes).some(({ failed }) => failed);
    const [onLeft, onRight] = [KIND.dst, KIND.src].map((kind) => this.hasLength(step, kind));
    if (onLeft === onRight) return false;
    const greater = row.relation === 'greater';
    const less = row.relation === 'less';
    if (!greater && !less) return false;
    const stays = (onLeft ? greater : less) === taken;
    const byPointers = left >> 32n !== 0n && right >> 32n !== 0n;
    return stays && (byPointers || !isLast);
  }

  private hasLength(step: Step, kind: number): boolean {
    const writer = this.trace.operand(step, kind);
    if (writer === undefined) return false;
    return causesOf(this.trace, this.room, (slicer) => slicer.mark(writer, -1, -1, 0)).length;
  }
}
