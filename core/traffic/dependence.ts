import type { Machine } from '../machine/machine.ts';
import type { Session } from '../session/session.ts';

/** Why the run of a packet may depend on those in front of it, in words; undefined: it does not. */
export function dependence({
  inputs,
  machine,
}: Session & { readonly machine: Machine }): string | undefined {
  if (inputs.settings.each === 'fresh') return undefined;
  const calls = machine.code.instructions.some(
    (instruction) => instruction?.row?.kind === 'call' && instruction.row.op !== 'call_local',
  );
  return calls || machine.maps.length > 0 ? 'it calls helpers' : undefined;
}
