import { stripBtf, stripDebug, stripDebugButVariables } from '../object/strip.ts';
import type { SessionInputs } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Shared } from './container.ts';
import { portableTypes } from './kernel-types.ts';

/** Watched expressions and rules of breakpoints may name C variables: without DWARF they would have no values. */
const namesVariables = ({ expressions = [], rules = [] }: SessionInputs): boolean =>
  expressions.length > 0 || rules.some(({ condition, log }) => condition || log);

/** A session's inputs as a link carries them, made smaller, with words for what was left out. */
export function shareable(
  session: Session,
  { debugInfo }: { debugInfo: boolean },
): { shared: Shared; dropped: string[] } {
  const { inputs, machine, outcome, object } = session;
  const dropped: string[] = [];
  let { bytes } = inputs.object;
  if (object.format === 'elf') {
    const slim = debugInfo && namesVariables(inputs) ? stripDebugButVariables(bytes) : stripDebug(bytes);
    if (slim.length < bytes.length) dropped.push(`debug info (.debug_*), ${bytes.length - slim.length} bytes`);
    bytes = debugInfo ? slim : stripBtf(slim);
    if (bytes.length < slim.length) dropped.push(`types and source lines (.BTF), ${slim.length - bytes.length} bytes`);
  }
  if (!debugInfo && inputs.sources.length > 0) dropped.push('C files');
  const types = portableTypes(session);
  if (types.dropped) dropped.push(types.dropped);
  const slimmed = {
    ...inputs,
    object: { name: inputs.object.name, bytes },
    sources: debugInfo ? inputs.sources : [],
    step: machine?.steps ?? 0,
    kernelTypes: types.kernelTypes,
  };
  return { shared: { inputs: slimmed, hash: outcome?.hash ?? '' }, dropped };
}
