/**
 * Several XDP programs on one device, as libxdp's dispatcher runs them. The kernel takes one a
 * device: libxdp makes one that calls the others (lib/libxdp/xdp-dispatcher.c.in; its header
 * prog_dispatcher.h).
 */
import type { LoadedObject, Program } from '../object/types.ts';
import { xdpRunConfig } from '../object/xdp-run-config.ts';
import { USUAL_ACTIONS, USUAL_PRIORITY } from '../spec/hook-lists.ts';
import type { HookProgram } from './types.ts';

/** Who says a priority, or actions: the list, the object, or libxdp. */
export type SaidBy = 'list' | 'object' | 'libxdp';

/** What decides when an XDP program is asked, and what comes after it. */
export interface XdpSettings {
  readonly priority: number;
  readonly priorityBy: SaidBy;
  /** Codes behind which the next program is asked, ascending. */
  readonly actions: readonly number[];
  readonly actionsBy: SaidBy;
}

/**
 * The settings of a program of a list. XDP_RUN_CONFIG changes what it names, of actions too: what
 * it does not name stays as libxdp has it. Throws InputError where libxdp would refuse it.
 */
export function xdpSettings(
  { priority, actions }: HookProgram,
  { btf }: Pick<LoadedObject, 'btf'>,
  { name }: Pick<Program, 'name'>,
): XdpSettings {
  const config = xdpRunConfig(btf, name);
  const ofObject = new Map(USUAL_ACTIONS.map((code) => [code, true]));
  for (const [code, isAsked] of config?.actions ?? []) ofObject.set(code, isAsked);
  const asked = [...ofObject].flatMap(([code, isAsked]) => (isAsked ? [code] : []));
  return {
    priority: priority ?? config?.priority ?? USUAL_PRIORITY,
    priorityBy:
      priority !== undefined ? 'list' : config?.priority === undefined ? 'libxdp' : 'object',
    actions: [...(actions ?? asked)].sort((one, other) => one - other),
    actionsBy: actions ? 'list' : config && config.actions.size > 0 ? 'object' : 'libxdp',
  };
}

/** What libxdp sorts by. */
interface Sorted {
  readonly priority: number;
  /** Of the program. */
  readonly name: string;
}

/** Names as strcmp compares them: byte by byte. */
function compareNames(one: string, other: string): number {
  const [left, right] = [new TextEncoder().encode(one), new TextEncoder().encode(other)];
  for (let at = 0; at < Math.min(left.length, right.length); at++)
    if (left[at] !== right[at]) return left[at] - right[at];
  return left.length - right.length;
}

/**
 * Which of two programs is asked first, below 0: the one (cmp_xdp_programs). Behind priority and
 * name comes what was loaded first, which is the order of a list.
 */
export const compareXdp = (one: Sorted, other: Sorted): number =>
  one.priority - other.priority || compareNames(one.name, other.name);

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
