import type { GuestAddress, Pc } from '../spec/units.ts';
/**
 * What stops a guest program. A value that belongs to the state, never an exception a caller has to
 * catch.
 */
export const FAULT_KINDS = [
  'out-of-bounds',
  'null-pointer',
  'bad-pointer',
  'not-writable',
  'stale-pointer',
  'context-access',
  'undefined-instruction',
  'failed-relocation',
  'out-of-program',
  'call-depth',
  'unknown-helper',
  'helper-not-built',
  /** The kernel has it, and it is not a helper: a field of one of its structures, an arena. */
  'not-built',
  'bad-argument',
  'step-budget',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly pc: Pc;
  /** Place, fact, numbers: `instruction 12 reads 4 bytes at packet+14, the packet has 14 bytes`. */
  readonly message: string;
  /** Of a memory access: the address it wanted, and the region that is nearest to it. */
  readonly access?: AccessPlace;
}

export interface AccessPlace {
  readonly address: GuestAddress;
  /** bytes */
  readonly size: number;
  /** Undefined where the address is no pointer. */
  readonly region: string | undefined;
}

/**
 * Thrown inside one step by what a helper does, caught at the call: becomes the machine's Fault.
 */
export class GuestFault extends Error {
  readonly kind: FaultKind;
  readonly access: AccessPlace | undefined;
  constructor(kind: FaultKind, message: string, access?: AccessPlace) {
    super(message);
    this.kind = kind;
    this.access = access;
  }
}
