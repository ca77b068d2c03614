import { ControlFlow, tableEntries } from '../program/control-flow.ts';
import type { Machine } from './machine.ts';

/** The flow of control of what a machine runs, with the jump tables among its maps. */
export function controlFlowOf({ code, maps, memory }: Machine): ControlFlow {
  const definitions = maps.map(({ definition }) => definition);
  return new ControlFlow(code, tableEntries(definitions, memory.littleEndian));
}
