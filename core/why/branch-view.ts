import { disassemble } from '../asm/disassemble.ts';
import type { CodeSpace } from '../machine/code-space.ts';
import type { FieldNode } from '../packet/types.ts';
import { lineAt } from '../program/lines.ts';
import type { Cause, DecisiveBranch, FieldFact, LineOfCode } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Pc, Step } from '../spec/units.ts';
import type { CauseNames } from './cause-names.ts';
import { fieldParts, type PacketBits, readingOf, wordsOf } from './field-parts.ts';
import { ALWAYS_THERE } from './map-counterfactual.ts';
import { comparedAt, compares, lengthCounts, type SlicedBranch, type SliceRoom } from './slice.ts';
import { MAP_CALL_STRIDE, type Trace } from './trace.ts';
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

const inWords = ({ what, says }: { readonly what: string; readonly says: string }): string =>
  `${what} ${says}`;

/** The line of C that an instruction comes from, as a field; none where the object does not say. */
export function lineOf(code: CodeSpace, pc: Pc): { line?: LineOfCode } {
  const line = lineAt(code, pc);
  return line && line.line > 0
    ? { line: { file: line.file, line: line.line, text: line.text.trim() } }
    : {};
}

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
    const { causes, pc, step, taken, left, right } = branch;
    const instruction = code.instructions[pc];
    const row = instruction?.row;
    const answers = this.names.answers(causes);
    const failed = answers.some((answer) => answer.failed);
    const checksLength = causes.length && this.isCheck(branch, isLast);
    const checksCall = answers.length > 0 && !failed && !causes.length;
    const checksEntry = left !== 0n && this.asksForFixedEntry(step);
    return {
      pc,
      step,
      text: row ? disassemble(instruction) : '',
      taken,
      compared: `${hex(left)} ${row?.kind === 'jump' ? row.sign : '?'} ${hex(right)}`,
      ...lineOf(code, pc),
      ...this.comparedBy(
        branch,
        answers.map(({ text }) => text),
      ),
      ...((checksLength || checksCall || checksEntry) && { passes: true as const }),
    };
  }

  /**
   * What was compared apart from what only said where that is: headers of other lengths in front of
   * it, the key of an entry. Of a call its answer is compared, and all else led to that.
   */
  private comparedBy(
    { step, causes }: SlicedBranch,
    answers: string[],
  ): Pick<DecisiveBranch, 'facts' | 'foundBy' | 'fields' | 'others' | 'answers' | 'length'> {
    const { frame } = this.session;
    const direct = comparedAt(this.trace, this.room, step, 'direct');
    const first = factsOf(this.layers, direct.packet, frame);
    const isFirst = ({ name, offset }: FieldFact) =>
      first.some((fact) => fact.name === name && fact.offset === offset);
    const rest = factsOf(this.layers, causes.packet, frame).filter((fact) => !isFirst(fact));
    const others = this.names.told(causes);
    const own = new Set(this.names.told(direct).map(inWords));
    const asked = causes.length && answers.length === 0;
    const length = asked ? [`the packet's length is ${frame.length} bytes`] : [];
    const ofOwn = others.filter((cause) => own.has(inWords(cause)));
    const isEntry = ({ kind }: Cause): boolean => kind === 'entry';
    const itself = [
      ...ofOwn.filter(isEntry),
      ...first,
      ...ofOwn.filter((cause) => !isEntry(cause)),
    ].map(inWords);
    const around = [...rest, ...others.filter((cause) => !own.has(inWords(cause)))].map(inWords);
    const [facts, foundBy] =
      answers.length > 0 ? [answers, [...itself, ...around]] : [[...itself, ...length], around];
    return {
      ...(facts.length > 0 ? { facts, foundBy } : { facts: foundBy, foundBy: [] }),
      fields: [...first, ...rest],
      others,
      answers,
      ...(asked && { length: frame.length }),
    };
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
    const [onLeft, onRight] = [KIND.dst, KIND.src].map((kind) =>
      lengthCounts(this.trace, this.room, step, kind),
    );
    if (onLeft === onRight) return false;
    const greater = row.relation === 'greater';
    const less = row.relation === 'less';
    if (!greater && !less) return false;
    const stays = (onLeft ? greater : less) === taken;
    const byPointers = left >> 32n !== 0n && right >> 32n !== 0n;
    return stays && (byPointers || !isLast);
  }

  /** Whether only the pointer to an entry was compared, of a map whose entries are always there. */
  private asksForFixedEntry(step: Step): boolean {
    const direct = comparedAt(this.trace, this.room, step, 'direct');
    const { mapCalls } = this.trace;
    const { maps } = this.session.machine!;
    const types = [...direct.mapCalls].map(
      (number) => maps[mapCalls.at(number * MAP_CALL_STRIDE + 1)].definition.type,
    );
    const others = { ...direct, mapCalls: new Set<number>(), answers: new Set<number>() };
    return types.length > 0 && types.every((type) => ALWAYS_THERE.has(type)) && !compares(others);
  }
}
