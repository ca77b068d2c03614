import { baseName } from '../bytes/base-name.ts';
import type { SourceLine } from '../object/types.ts';
import type { Pc } from '../spec/units.ts';
import type { Code } from './code.ts';
import { ControlFlow, type FunctionFlow } from './control-flow.ts';
import { keyOfLine, lineAt } from './lines.ts';

/**
 * A line of the C source and the slots where the code of it begins: several, where it was inlined
 * twice or has several blocks.
 */
export interface LinePlaces {
  readonly file: string;
  readonly line: number;
  /** Ascending. */
  readonly pcs: Pc[];
}

/**
 * A line begins where control comes from another line. In a block, which runs from its head to its
 * end, it begins once: compilers mix the instructions of neighbouring lines.
 */
function addFunction(code: Code, flow: FunctionFlow, lines: Map<string, LinePlaces>): void {
  // Slots at which a block begins, with what leads there.
  const sources = new Map(flow.blocks.map(({ start }) => [start, flow.predecessorsOf(start)]));
  const owns = new Map<Pc, SourceLine | undefined>();
  const keys = new Map<Pc, string | undefined>();
  let before: string | undefined;
  for (const pc of flow.successors.keys()) {
    const own = lineAt(code, pc);
    owns.set(pc, own);
    // Code of no line in particular goes with what leads to it, where that is one line.
    const from = sources.get(pc)?.map((source) => keys.get(source)) ?? [before];
    before = own ? keyOfLine(own) : from.every((key) => key === from[0]) ? from[0] : undefined;
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
    if (own && (pc === flow.start || entered) && !seen.has(key)) {
      const known = lines.get(keyOfLine(own)) ?? { file: own.file, line: own.line, pcs: [] };
      lines.set(keyOfLine(own), known);
      known.pcs.push(pc);
    }
    seen.add(key);
    before = key;
  }
}

const known = new WeakMap<Code, readonly LinePlaces[]>();

/** Where the lines of some code begin: worked out once. */
export function linePlaces(code: Code): readonly LinePlaces[] {
  const places = known.get(code) ?? findPlaces(code);
  known.set(code, places);
  return places;
}

function findPlaces(code: Code): LinePlaces[] {
  const lines = new Map<string, LinePlaces>();
  // Without the tables of jumps: their cases stand behind a jump or an exit, and begin a block by
  // that.
  const flow = new ControlFlow(code);
  for (const program of code.programs) {
    for (const { start } of program.linked.functions) {
      const found = flow.at(program.start + start);
      if (found) addFunction(code, found, lines);
    }
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
