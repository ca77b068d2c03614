import type { SourceLine } from '../object/types.ts';
import type { Pc, ProgramPc } from '../spec/units.ts';
import { type Code, type LoadedProgram, programAt } from './code.ts';

/**
 * The source line of a slot: the last entry at or before it in its program; undefined where that
 * names no line.
 */
export function lineAt(code: Code, pc: Pc): SourceLine | undefined {
  const program = programAt(code, pc);
  return program && lineIn(program, pc - program.start);
}

/** The same for a slot that is counted from the start of its program. */
export function lineIn({ linked }: LoadedProgram, pc: ProgramPc): SourceLine | undefined {
  const { lines, functions } = linked;
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].pc <= pc) low = middle + 1;
    else high = middle;
  }
  const line = lines[low - 1];
  if (line === undefined || line.line === 0) return undefined;
  // A function without line information of its own must not borrow the lines of the one in front of
  // it.
  const own = functions.find((candidate) => pc >= candidate.start && pc < candidate.end);
  return own && line.pc < own.start ? undefined : line;
}

/** A line as something to compare. */
export const keyOfLine = ({ file, line }: Pick<SourceLine, 'file' | 'line'>): string =>
  `${file}:${line}`;

/** That of an instruction; undefined where the object does not say, or names no line. */
export function lineKey(code: Code, pc: Pc): string | undefined {
  const line = lineAt(code, pc);
  return line && keyOfLine(line);
}
