/**
 * Where pointers may go, as compiled code knows it. For each register that accesses go through it
 * keeps of the region that was found last:
 *
 *     START    the guest address of its first byte
 *     BASE     the linear address of that byte
 *     LIMITS   for reading or writing so many bytes: how many offsets they may begin at
 *     OFFSET   the register's own, once it is found there
 *
 * so that one comparison without sign says whether it is that region, and inside of it. Else the
 * region is looked up anew, and only then the access is one for the interpreter.
 */
import { STACK_BYTES } from '../machine/machine.ts';
import { READ, REGION_START, REGION_TAG, TABLE_AT, WRITE } from '../memory/memory.ts';
import { type LocalSpace, registerLocal, STACK, VALUE, WHERE } from './locals.ts';
import { isProven, type Proven } from './proofs.ts';
import { type CodeWriter, I32, I64, OP } from './wasm-writer.ts';

/** An access by what decides whether it may be done. */
export interface RegionAccess {
  readonly register: number;
  readonly size: number;
  readonly right: number;
}

/** Words of a row of the table of regions (memory.ts), in bytes. */
export const ROW_BASE = 0;
export const ROW_LENGTH: Readonly<Record<number, number>> = { [READ]: 4, [WRITE]: 8 };
export const ROW_SHIFT = 4;
const ROOM_AT = TABLE_AT + 4;
const FRAME = 10;

/** Locals for one register. */
interface Cache {
  readonly register: number;
  readonly start: number;
  readonly base: number;
  readonly offset: number;
  readonly limits: { readonly access: RegionAccess; readonly local: number }[];
}

/**
 * Finds the row of an address's region, as a linear address in a local. `refuse` writes what is
 * done, by the number on the stack, where it has none.
 */
function findRow(code: CodeWriter, address: number, row: number, refuse: () => void): void {
  code.get(address);
  code.i64(32n);
  code.op(OP.i64ShrU, OP.i32WrapI64);
  code.i32(REGION_TAG);
  code.op(OP.i32Sub);
  code.tee(row);
  // Without sign what has no tag is more than any. Row 0 has no length.
  code.i32(0);
  code.access(OP.i32Load, ROOM_AT);
  code.op(OP.i32GeU);
  refuse();
  code.get(row);
  code.i32(ROW_SHIFT);
  code.op(OP.i32Shl);
  code.i32(0);
  code.access(OP.i32Load, TABLE_AT);
  code.op(OP.i32Add);
  code.set(row);
}

/**
 * STACK becomes the address of the running function's stack. `refuse` writes what is done, by the
 * number on the stack, where r10 is not the top of one, as when a person changed it.
 */
export function findStack(code: CodeWriter, refuse: () => void): void {
  findRow(code, registerLocal(FRAME), WHERE, refuse);
  code.get(registerLocal(FRAME));
  code.op(OP.i32WrapI64);
  code.i32(REGION_START + STACK_BYTES);
  code.op(OP.i32Ne);
  for (const right of [READ, WRITE]) {
    code.get(WHERE);
    code.access(OP.i32Load, ROW_LENGTH[right]);
    code.i32(STACK_BYTES);
    code.op(OP.i32Ne, OP.i32Or);
  }
  refuse();
  code.get(WHERE);
  code.access(OP.i32Load, ROW_BASE);
  code.set(STACK);
}

/** Leaves the linear address of the first byte of the region that an address is known to be in. */
export function pushRowBase(code: CodeWriter, address: number): void {
  code.get(address);
  code.i64(32n);
  code.op(OP.i64ShrU, OP.i32WrapI64);
  code.i32(REGION_TAG);
  code.op(OP.i32Sub);
  code.i32(ROW_SHIFT);
  code.op(OP.i32Shl);
  code.i32(0);
  code.access(OP.i32Load, TABLE_AT);
  code.op(OP.i32Add);
  code.access(OP.i32Load, ROW_BASE);
}

const limitOf = ({ limits }: Cache, { size, right }: RegionAccess): number | undefined =>
  limits.find(({ access }) => access.size === size && access.right === right)?.local;

/** The caches of a unit. */
export class RegionCaches {
  private readonly locals: LocalSpace;
  private readonly caches: Cache[] = [];

  constructor(accesses: readonly RegionAccess[], locals: LocalSpace) {
    this.locals = locals;
    for (const access of accesses) {
      const cache = this.cacheOf(access.register);
      if (limitOf(cache, access) === undefined)
        cache.limits.push({ access, local: locals.add(I64, `r${access.register}_limit`) });
    }
  }

  private cacheOf(register: number): Cache {
    const known = this.caches.find((cache) => cache.register === register);
    if (known !== undefined) return known;
    const local = (type: number, what: string) => this.locals.add(type, `r${register}_${what}`);
    const [start, base] = [local(I64, 'start'), local(I32, 'base')];
    const made = { register, start, base, offset: local(I64, 'offset'), limits: [] };
    this.caches.push(made);
    return made;
  }

  /**
   * WHERE becomes the linear address. `proven`: what is known of the register as it is; `refuse`
   * writes where to go where the access may not be done.
   */
  check(
    code: CodeWriter,
    wanted: RegionAccess,
    off: number,
    proven: Proven | undefined,
    refuse: () => void,
  ): void {
    const cache = this.cacheOf(wanted.register);
    // What is known of a region does not put it into a cache.
    const cached = proven?.region === undefined ? proven : undefined;
    if (!isProven(cached, wanted, off)) {
      const limit = limitOf(cache, wanted)!;
      const inside = code.open(OP.block);
      if (cached === undefined) findRegion(code, cache, limit, off, inside);
      else {
        pushIsInside(code, cache, limit, off);
        code.branch(OP.brIf, inside);
      }
      refuse();
      code.close();
    }
    code.get(cache.base);
    code.get(cache.offset);
    code.op(OP.i32WrapI64, OP.i32Add);
    if (off !== 0) {
      // Not as the offset of the access: what is added may begin below 0, and wraps around.
      code.i32(off);
      code.op(OP.i32Add);
    }
    code.set(WHERE);
  }

  /** Behind what may have changed the table: no offset is inside. */
  forget(code: CodeWriter): void {
    for (const { local } of this.caches.flatMap(({ limits }) => limits)) {
      code.i64(0n);
      code.set(local);
    }
  }
}

/** By the region that was found last, then by the one that is looked up. */
function findRegion(
  code: CodeWriter,
  cache: Cache,
  limit: number,
  off: number,
  inside: number,
): void {
  const nowhere = code.open(OP.block);
  findOffset(code, cache);
  pushIsInside(code, cache, limit, off);
  code.branch(OP.brIf, inside);
  lookUp(code, cache, () => code.branch(OP.brIf, nowhere));
  findOffset(code, cache);
  pushIsInside(code, cache, limit, off);
  code.branch(OP.brIf, inside);
  code.close();
}

function findOffset(code: CodeWriter, { register, start, offset }: Cache): void {
  code.get(registerLocal(register));
  code.get(start);
  code.op(OP.i64Sub);
  code.set(offset);
}

function pushIsInside(code: CodeWriter, { offset }: Cache, limit: number, off: number): void {
  code.get(offset);
  if (off !== 0) {
    code.i64(BigInt(off));
    code.op(OP.i64Add);
  }
  code.get(limit);
  code.op(OP.i64LtU);
}

/** Written out at each access: a call in a loop would have all that lives there put by for it. */
function lookUp(code: CodeWriter, { register, start, base, limits }: Cache, refuse: () => void) {
  findRow(code, registerLocal(register), WHERE, refuse);
  code.get(registerLocal(register));
  code.i64(-1n << 32n);
  code.op(OP.i64And);
  code.i64(BigInt(REGION_START));
  code.op(OP.i64Or);
  code.set(start);
  code.get(WHERE);
  code.access(OP.i32Load, ROW_BASE);
  code.set(base);
  for (const { access, local } of limits) {
    // None where the region is too short.
    code.get(WHERE);
    code.access(OP.i64Load32U, ROW_LENGTH[access.right]);
    code.i64(BigInt(access.size - 1));
    code.op(OP.i64Sub);
    code.tee(VALUE);
    code.i64(0n);
    code.get(VALUE);
    code.i64(0n);
    code.op(OP.i64GtS, OP.select);
    code.set(local);
  }
}
