/**
 * Several XDP programs on one device, as libxdp's dispatcher runs them. The kernel takes one a
 * device: libxdp makes one that calls the others (lib/libxdp/xdp-dispatcher.c.in; its header
 * prog_dispatcher.h).
 */
import { InputError } from '../errors.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { runnableSession, Work } from '../session/session.ts';
import type { Action } from '../spec/program-types.ts';

/** MAX_DISPATCHER_ACTIONS */
export const MOST_XDP = 10;
/** XDP_DEFAULT_RUN_PRIO */
export const USUAL_PRIORITY = 50;
const XDP_PASS = 2;
/** XDP_DEFAULT_CHAIN_CALL_ACTIONS: after XDP_PASS alone the next program is asked. */
export const USUAL_ACTIONS: readonly number[] = [XDP_PASS];

/** A program with what its XDP_RUN_CONFIG says; each has a machine, so that maps are its own. */
export interface XdpProgram {
  readonly session: ReturnType<typeof runnableSession>;
  /** The lowest is asked first. */
  readonly priority: number;
  /** Codes after which the next program is asked. */
  readonly chainCallActions: readonly number[];
}

export interface XdpResult {
  /** By their places among those that were given, in the order in which they ran. */
  readonly steps: readonly { readonly program: number; readonly outcome: RunOutcome }[];
  /** What the dispatcher returns. */
  readonly code: number;
  readonly action: Action;
  readonly packetOut: Uint8Array;
}

/** Bits of codes, as the dispatcher's configuration has them. */
export const actionBits = (codes: readonly number[]): number =>
  codes.reduce((bits, code) => (code < 32 ? bits | (1 << code) : bits), 0) >>> 0;

/**
 * Whether the next program is asked after a code. The dispatcher shifts the 32 bits in a register
 * of 64 by a code that may be anything: of that the low 6 bits count.
 */
export function goesOnAfter(code: number, bits: number): boolean {
  const shift = code & 63;
  return shift < 32 && ((bits >>> shift) & 1) === 1;
}

/**
 * A packet past programs by their priority; those of the same one in the order in which they were
 * given. Where all are asked, or none is there, the dispatcher returns XDP_PASS. What a program
 * writes into the packet the next one sees; metadata in front of it is not handed on here.
 */
export function* throughXdpPrograms(
  programs: readonly XdpProgram[],
  k: number,
  frame: Uint8Array,
): Work<XdpResult> {
  if (programs.length > MOST_XDP)
    throw new InputError('XDP', `libxdp's dispatcher calls ${MOST_XDP} programs at most`);
  const order = programs
    .map((program, place) => ({ ...program, place }))
    .sort((one, other) => one.priority - other.priority);
  const steps: { program: number; outcome: RunOutcome }[] = [];
  let packetOut = frame;
  for (const { session, place, chainCallActions } of order) {
    session.beginFrame(k, packetOut);
    const outcome = yield* session.completeFrame(k, packetOut);
    steps.push({ program: place, outcome });
    ({ packetOut } = outcome);
    const { code = 0, action } = outcome.verdict;
    if (!goesOnAfter(code, actionBits(chainCallActions))) return { steps, code, action, packetOut };
  }
  return { steps, code: XDP_PASS, action: 'pass', packetOut };
}
