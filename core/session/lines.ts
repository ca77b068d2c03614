import type { CodeSpace } from '../machine/code-space.ts';
import { lineAt } from './code-view.ts';

/** The C line of an instruction, as something to compare; undefined where the object does not say, or names none. */
export function lineKey(code: CodeSpace, pc: number): string | undefined {
  const line = lineAt(code, pc);
  return line && line.line > 0 ? `${line.file}:${line.line}` : undefined;
}
