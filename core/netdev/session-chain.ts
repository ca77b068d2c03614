import type { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import type { FilterQueue } from '../spec/net-filters.ts';
import { emptyChain } from './chain.ts';
import type { WholeChain } from './qemu-text.ts';
import type { ChainFilter } from './types.ts';

/**
 * The chain of a session: the one that was set up, else, of a program of filter-ubpf, that program
 * alone as the session has it. Undefined where there is none.
 */
export function chainOfSession({
  inputs,
  hook,
  options,
  program,
}: Session): WholeChain | undefined {
  const { chain, chainObjects = [], object } = inputs;
  if (chain) return { chain, objects: chainObjects };
  if (hook !== 'filter-ubpf' || program === undefined) return undefined;
  const ipMode = options.get('ip-mode')!;
  const filter: ChainFilter = {
    id: 'f1',
    kind: 'filter-ubpf',
    queue: options.get('queue') as FilterQueue,
    status: options.get('status') === 'off' ? 'off' : 'on',
    object: 0,
    ...(inputs.program !== undefined && { program: inputs.program }),
    properties: ipMode === 'on' ? [] : [['ip-mode', ipMode]],
  };
  return { chain: { ...emptyChain(), filters: [filter] }, objects: [object] };
}

/** A chain as the inputs of a session have it. */
export const chainInputs = ({
  chain,
  objects,
}: WholeChain): Pick<SessionInputs, 'chain' | 'chainObjects'> => ({
  chain,
  chainObjects: objects,
});
