import type { RunOutcome } from '../session/outcome.ts';

/** What comes of a packet that XDP lets pass as it is. */
export const XDP_PASSED: RunOutcome = {
  ran: true,
  verdict: { name: 'XDP_PASS', action: 'pass', text: 'XDP: XDP_PASS (2)' },
  r0: 2n,
  steps: 5,
  fault: undefined,
  packetOut: new Uint8Array(),
};
