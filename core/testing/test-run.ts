// What BPF_PROG_TEST_RUN gives back of a session that has come to its end.
import { toHex } from '../bytes/hex.ts';
import { ETH_HLEN } from '../hooks/link-layer.ts';
import { readGuest } from '../machine/access.ts';
import type { Session } from '../session/session.ts';
import { programType } from '../spec/program-types.ts';

const FLOW_KEYS_BYTES = 56;

/**
 * The packet: metadata first; zeros in place of a link header that the program did not see; of a
 * flow dissector its keys.
 */
export function packetOut({ machine, hook }: Session): string {
  const { memory, packet, context } = machine!;
  if (hook === 'flow_dissector')
    return toHex(readGuest(machine!, 'a test run', context!.get('flow_keys'), FLOW_KEYS_BYTES));
  const hidden = programType(hook).data === 'network' ? '00'.repeat(ETH_HLEN) : '';
  return hidden + toHex(memory.bytes.subarray(packet.meta, packet.end));
}
