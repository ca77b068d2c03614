import type { CodeView } from '../../core/protocol/messages.ts';

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether two spellings name one file: debug info has a path where a dropped file has its last part. */
export const sameFile = (a: string, b: string): boolean => a === b || baseName(a) === baseName(b);

export interface CodeLine {
  /** Index into CodeView.lines. */
  index: number;
  /** The first instruction that came from it: where its breakpoint goes. */
  pc: number;
}

/** The lines of one file that have instructions, by line number. */
export function codeLinesOf(code: CodeView, file: string): Map<number, CodeLine> {
  const found = new Map<number, CodeLine>();
  for (const { line: index, pc } of code.rows) {
    const line = index === undefined ? undefined : code.lines[index];
    if (index !== undefined && line && sameFile(line.file, file) && !found.has(line.line))
      found.set(line.line, { index, pc });
  }
  return found;
}
