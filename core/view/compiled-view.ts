import { compiledCodeOf } from '../jit/jit.ts';
import type { UnitShape } from '../jit/shape.ts';
import { wasmText } from '../jit/wasm-text.ts';
import { moduleBytes } from '../jit/wasm-writer.ts';
import type { Machine } from '../machine/machine.ts';
import type { CompiledView } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import { programType } from '../spec/program-types.ts';
import type { Pc } from '../spec/units.ts';

/** Registers that hold a pointer to a structure where control arrives at a slot, as bits. */
function pointersAt({ machine, hook }: Session & { readonly machine: Machine }, entry: Pc): number {
  const begins = machine.code.programs.some(({ start }) => start === entry);
  return begins && programType(hook).context !== undefined ? 0b10 : 0;
}

/** Slots that blocks lead to and that are none of the unit's, in order. */
function outside({ blocks, leads }: UnitShape): Pc[] {
  const all = [...blocks.values()].flatMap(({ start, leadsTo }) =>
    leadsTo.filter((to) => !leads(start, to)),
  );
  return [...new Set(all)].sort((a, b) => a - b);
}

/**
 * What the code from a slot on is compiled to before anything has run: where an access turns out to
 * be another than it seemed, the unit is compiled anew.
 */
export function compiledView(
  session: Session & { readonly machine: Machine },
  entry: Pc,
): CompiledView {
  const compiled = compiledCodeOf(session.machine);
  const written = compiled.written(entry, pointersAt(session, entry));
  if (written === undefined)
    return {
      kind: 'compiled',
      entry,
      lines: [],
      bytes: 0,
      instructions: 0,
      leadsTo: [],
      interpreted: [entry],
    };
  const { shape, module } = written;
  const ways = outside(shape);
  return {
    kind: 'compiled',
    entry,
    lines: wasmText(module).map(({ text, depth, pc }) => ({
      text,
      depth,
      ...(pc !== undefined && { pc }),
    })),
    bytes: moduleBytes(module).length,
    instructions: [...shape.blocks.values()].reduce((sum, { pcs }) => sum + pcs.length, 0),
    leadsTo: ways.filter((pc) => compiled.compiles(pc)),
    interpreted: ways.filter((pc) => !compiled.compiles(pc)),
  };
}
