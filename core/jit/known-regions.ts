/** Accesses to regions that are known where code is written: by the facts of value-flow.ts. */
import { STACK_BYTES } from '../machine/machine.ts';
import type { BytePlace } from './accesses.ts';
import { registerLocal, WHERE } from './locals.ts';
import { isProven, type Proven } from './proofs.ts';
import type { RegionAccess } from './regions.ts';
import type { Facts } from './value-flow.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

/** A number as a local has it, or as it always is. */
export type Quantity<T> = { readonly local: number } | { readonly always: T };

/** A region: guest address of its first byte, linear address, and bytes (64 bits). */
export interface KnownRegion {
  readonly start: Quantity<bigint>;
  readonly base: Quantity<number>;
  readonly length: Quantity<number>;
  /** READ, WRITE or both */
  readonly rights: number;
}

export const STACK_LENGTH: Quantity<number> = { always: STACK_BYTES };

const push32 = (code: CodeWriter, quantity: Quantity<number>): void =>
  'local' in quantity ? code.get(quantity.local) : code.i32(quantity.always);
export const push64 = (code: CodeWriter, quantity: Quantity<number | bigint>): void =>
  'local' in quantity ? code.get(quantity.local) : code.i64(BigInt(quantity.always));

/** Whether what is known of an access is of use. */
export function isUseful(
  region: KnownRegion,
  { size, right }: RegionAccess,
  off: number,
  { value }: Facts,
): boolean {
  if ((region.rights & right) === 0 || value.kind === 'length') return false;
  if (value.kind !== 'pointer' || value.low !== value.high) return true;
  const at = value.low + off;
  return at >= 0 && ('local' in region.length || at + size <= region.length.always);
}

/** What is known of a region's length. */
const leastOf = ({ length }: KnownRegion, { least }: Facts): number =>
  'always' in length ? length.always : least;

/** Whether it is known to be one that may be done, wherever in its bounds. */
export function isWithinRegion(
  region: KnownRegion,
  { size }: RegionAccess,
  off: number,
  facts: Facts,
): boolean {
  const { value } = facts;
  if (value.kind !== 'pointer' || value.low + off < 0) return false;
  const { high, room } = value;
  const isBelowLeast = high + off + size <= leastOf(region, facts);
  // A pointer of which no room is known may be beyond its region by any number.
  return isBelowLeast || (room !== undefined && room.bytes >= off + size);
}

/** Offsets from a register that are looked at together. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/**
 * Looks at an access of which useful things are known, and at the others of its span, and answers
 * where its bytes are. `refuse` writes where to go where one of them may not be done.
 */
export function checkKnown(
  code: CodeWriter,
  region: KnownRegion,
  access: RegionAccess,
  off: number,
  { low, high }: Span,
  facts: Facts,
  proven: Proven | undefined,
  refuse: () => void,
): BytePlace {
  const { value } = facts;
  const { register, size } = access;
  if (value.kind === 'pointer' && value.low === value.high)
    return fixedPlace(code, region, value.low + off, size, facts, refuse);
  const shown = proven?.region === facts.region ? proven : undefined;
  const isAlways = isWithinRegion(region, access, off, facts);
  if (!isAlways && !isProven(shown, access, off)) {
    const lead = Math.min(low, 0);
    pushOffset(code, region, register, shown);
    if (lead < 0) {
      code.i64(BigInt(lead));
      code.op(OP.i64Add);
    }
    pushLimit(code, region, high - lead, facts);
    code.op(OP.i64GeU);
    code.open(OP.if);
    refuse();
    code.close();
  }
  push32(code, region.base);
  pushOffset(code, region, register, shown);
  code.op(OP.i32WrapI64, OP.i32Add);
  // What is added to it later must not begin below 0.
  const isAhead = off >= 0 && !(isAlways && value.kind === 'pointer' && value.low < 0);
  if (!isAhead) {
    code.i32(off);
    code.op(OP.i32Add);
  }
  code.set(WHERE);
  return { local: WHERE, offset: isAhead ? off : 0 };
}

/** At an offset that is always the same. */
function fixedPlace(
  code: CodeWriter,
  region: KnownRegion,
  offset: number,
  size: number,
  facts: Facts,
  refuse: () => void,
): BytePlace {
  if ('local' in region.length && offset + size > facts.least) {
    code.get(region.length.local);
    code.i64(BigInt(offset + size));
    code.op(OP.i64LtU);
    code.open(OP.if);
    refuse();
    code.close();
  }
  if ('local' in region.base) return { local: region.base.local, offset };
  code.i32(region.base.always);
  code.set(WHERE);
  return { local: WHERE, offset };
}

function pushOffset(
  code: CodeWriter,
  region: KnownRegion,
  register: number,
  shown: Proven | undefined,
): void {
  if (shown?.offset !== undefined) {
    code.get(shown.offset);
    return;
  }
  code.get(registerLocal(register));
  push64(code, region.start);
  code.op(OP.i64Sub);
}

/** How many offsets there are at which so many bytes may begin; none where there are fewer. */
function pushLimit(code: CodeWriter, region: KnownRegion, bytes: number, facts: Facts): void {
  const { length } = region;
  if ('always' in length) {
    code.i64(BigInt(Math.max(0, length.always - bytes + 1)));
    return;
  }
  const push = (): void => {
    code.get(length.local);
    code.i64(BigInt(bytes - 1));
    code.op(OP.i64Sub);
  };
  push();
  if (leastOf(region, facts) >= bytes - 1) return;
  // Without a branch, so that an engine takes it out of a loop.
  push();
  code.i64(63n);
  code.op(OP.i64ShrS);
  code.i64(-1n);
  code.op(OP.i64Xor, OP.i64And);
}
