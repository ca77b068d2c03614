import { baseName } from '../bytes/base-name.ts';
import type { CodeSpace } from '../machine/code-space.ts';
import { successorsOf } from '../machine/code-space.ts';
import type { SourceLine } from '../object/types.ts';
import type { BreakpointRow } from '../protocol/messages.ts';
import { lineAt } from './code-view.ts';

/**
 * A line of the C source and the slots where the code of it begins: several, where it was inlined
 * twice or has several blocks.
 */
export interface LinePlaces {
  readonly file: string;
  readonly line: number;
  /** Ascending. */
  readonly pcs: number[];
}

const keyOf = ({ file, line }: Pick<SourceLine, 'file' | 'line'>): string => `${file}:${line}`;

/** Slots that something else than the instruction in front leads to, with what leads there. */
function jumpsInto(code: CodeSpace, start: number, end: number): Map<number, number[]> {
  const sources = new Map<number, number[]>();
  for (let pc = start; pc < end; pc++) {
    const instruction = code.instructions[pc];
    if (instruction === undefined) continue;
    const behind = pc + instruction.slots;
    const next = successorsOf(code, pc);
    if (next.length === 1 && next[0] === behind) continue;
    // What stands behind a jump begins a block too, even if nothing known leads there.
    for (const to of new Set([...next, behind])) {
      const known = sources.get(to) ?? [];
      sources.set(to, known);
      if (next.includes(to)) known.push(pc);
    }
  }
  for (const [to, known] of sources) {
    const before = to > start && code.instructions[to - 1] === undefined ? to - 2 : to - 1;
    if (before >= start && successorsOf(code, before).includes(to) && !known.includes(before))
      known.push(before);
  }
  return sources;
}

/**
 * A line begins where control comes from another line. In a block, which runs from its head to its
 * end, it begins once: compilers mix the instructions of neighbouring lines.
 */
function addFunction(
  code: CodeSpace,
  start: number,
  end: number,
  lines: Map<string, LinePlaces>,
): void {
  const sources = jumpsInto(code, start, end);
  const owns = new Map<number, SourceLine | undefined>();
  const keys = new Map<number, string | undefined>();
  let before: string | undefined;
  for (let pc = start; pc < end; pc++) {
    if (code.instructions[pc] === undefined) continue;
    const own = lineAt(code, pc);
    owns.set(pc, own);
    // Code of no line in particular goes with what leads to it, where that is one line.
    const from = sources.get(pc)?.map((source) => keys.get(source)) ?? [before];
    before = own ? keyOf(own) : from.every((key) => key === from[0]) ? from[0] : undefined;
    keys.set(pc, before);
  }
  before = undefined;
  let seen = new Set<string | undefined>();
  for (const [pc, key] of keys) {
    const from = sources.get(pc);
    if (from) seen = new Set();
    const entered = from
      ? from.length === 0 || from.some((source) => keys.get(source) !== key)
      : before !== key;
    const own = owns.get(pc);
    if (own && (pc === start || entered) && !seen.has(key)) {
      const known = lines.get(keyOf(own)) ?? { file: own.file, line: own.line, pcs: [] };
      lines.set(keyOf(own), known);
      known.pcs.push(pc);
    }
    seen.add(key);
    before = key;
  }
}

/** Where the lines of a code space begin. */
export function linePlaces(code: CodeSpace): LinePlaces[] {
  const lines = new Map<string, LinePlaces>();
  for (const program of code.programs) {
    for (const { start, end } of program.linked.functions)
      addFunction(code, program.start + start, program.start + end, lines);
  }
  return [...lines.values()];
}

/**
 * Where a breakpoint at a line goes: the line itself, or the next one of the file that has code.
 * Undefined: there is none.
 */
export function placesFrom(
  lines: readonly LinePlaces[],
  name: string,
  line: number,
): LinePlaces | undefined {
  // A dropped file has no path: it means every file with its last part, where none is spelled as it
  // is.
  const isSpelled = lines.some(({ file }) => file === name);
  const isNamed = ({ file }: LinePlaces): boolean =>
    isSpelled ? file === name : baseName(file) === baseName(name);
  // Functions of C do not overlap, so the next line is one of the same function where that has any.
  return lines
    .filter((place) => place.line >= line && isNamed(place))
    .reduce<LinePlaces | undefined>(
      (best, place) => (best && best.line <= place.line ? best : place),
      undefined,
    );
}

/** Breakpoints as a person sets them: those of every place where a line begins are one. */
export function breakpointRows(code: CodeSpace, breakpoints: readonly number[]): BreakpointRow[] {
  if (breakpoints.length === 0) return [];
  const set = new Set(breakpoints);
  const whole = linePlaces(code).filter(({ pcs }) => pcs.every((pc) => set.has(pc)));
  const covered = new Set(whole.flatMap(({ pcs }) => pcs));
  const alone = breakpoints.filter((pc) => !covered.has(pc)).map((pc) => ({ pcs: [pc] }));
  const rows: BreakpointRow[] = [
    ...whole.map(({ file, line, pcs }) => ({ pcs, line: { file, line } })),
    ...alone,
  ];
  return rows.sort((a, b) => a.pcs[0] - b.pcs[0]);
}
