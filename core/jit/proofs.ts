import type { RegionAccess } from './regions.ts';
import type { RegionKey } from './values.ts';

/**
 * What checks on the way to a place have shown of a register that has not changed since: these
 * offsets from it lie inside its region, by right.
 */
export interface Proven {
  readonly [right: number]: readonly [low: number, high: number] | undefined;
  /** The region where it is a known one; else its cache has it. */
  readonly region: RegionKey | undefined;
  /** Local that holds how far it is from the start of that. */
  readonly offset?: number;
}

export type Proofs = ReadonlyMap<number, Proven>;

export const NO_PROOFS: Proofs = new Map();

export function isProven(proven: Proven | undefined, access: RegionAccess, off: number): boolean {
  const [low, high] = proven?.[access.right] ?? [0, 0];
  return low <= off && off + access.size <= high;
}

/** Behind an access that was done. A region has no holes, so what lies between is proven too. */
export function withAccess(
  proofs: Proofs,
  access: RegionAccess,
  off: number,
  region?: RegionKey,
  { low: from, high: to }: { readonly low: number; readonly high: number } = {
    low: off,
    high: off + access.size,
  },
): Proofs {
  const { register, right } = access;
  const last = proofs.get(register);
  const before = last?.region === region ? last : undefined;
  const [low, high] = before?.[right] ?? [from, to];
  const known = [Math.min(low, from), Math.max(high, to)] as const;
  return new Map(proofs).set(register, { ...before, region, [right]: known });
}

/** Of a register that is so far from the start of a region as a local says. */
export const withOffset = (
  proofs: Proofs,
  register: number,
  region: RegionKey,
  offset: number,
): Proofs => new Map(proofs).set(register, { region, offset });

/** Behind an instruction that changes registers, as bits. */
export function withChanges(proofs: Proofs, changes: number): Proofs {
  const isKept = ([register]: [number, Proven]) => (changes & (1 << register)) === 0;
  return proofs.size === 0 || changes === 0 ? proofs : new Map([...proofs].filter(isKept));
}
