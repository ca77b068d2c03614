/**
 * Where pointers may go, as compiled code knows it. For each register that accesses go through it
 * keeps of the region that was found last:
 *
 *     START    the guest address of its first byte
 *     BASE     the linear address of that byte
 *     LIMITS   for reading or writing so many bytes: how many offsets they may begin at
 *
 * so that one comparison without sign says whether it is that region, and inside of it. Else it is
 * looked up anew, and only then the access is one for the interpreter.
 */
import { STACK_BYTES } from '../machine/machine.ts';
import { READ, REGION_START, REGION_TAG, TABLE_AT, WRITE } from '../memory/memory.ts';
import type { Size } from '../spec/isa.ts';
import { FIRST_OF_REGIONS, OFFSET, registerLocal, STACK, WHERE } from './locals.ts';
import { CodeWriter, I32, I64, OP, type WasmFunction } from './wasm-writer.ts';

/** An access by what decides whether it may be done. */
export interface RegionAccess {
  readonly register: number;
  readonly size: Size;
  readonly right: number;
}

/** Words of a row of the table of regions (memory.ts), in bytes. */
const ROW_BASE = 0;
const ROW_LENGTH: Readonly<Record<number, number>> = { [READ]: 4, [WRITE]: 8 };
const ROW_SHIFT = 4;
const ROOM_AT = TABLE_AT + 4;
const FRAME = 10;

/** Locals for one register. */
interface Cache {
  readonly register: number;
  readonly start: number;
  readonly base: number;
  readonly limits: { readonly access: RegionAccess; readonly local: number }[];
}

/** Leaves the row's number of an address's region on the stack, if it has one, and in a local. */
function pushRowNumber(code: CodeWriter, address: number, row: number): void {
  code.get(address);
  code.i64(32n);
  code.op(OP.i64ShrU, OP.i32WrapI64);
  code.i32(REGION_TAG);
  code.op(OP.i32Sub);
  code.tee(row);
}

/** Whether the number is none of a row: what has no tag is more than any, without sign. */
function pushIsNoRow(code: CodeWriter): void {
  code.i32(0);
  code.access(OP.i32Load, ROOM_AT);
  code.op(OP.i32GeU);
}

/** From its number in a local to its address. */
function findRow(code: CodeWriter, row: number): void {
  code.get(row);
  code.i32(ROW_SHIFT);
  code.op(OP.i32Shl);
  code.i32(0);
  code.access(OP.i32Load, TABLE_AT);
  code.op(OP.i32Add);
  code.set(row);
}

/**
 * STACK becomes the address of the running function's stack. `refuse` where r10 is not the top of
 * one, as when a person changed it.
 */
export function findStack(code: CodeWriter, refuse: () => void): void {
  const refuseIf = (): void => {
    code.open(OP.if);
    refuse();
    code.op(OP.end);
  };
  pushRowNumber(code, registerLocal(FRAME), WHERE);
  pushIsNoRow(code);
  refuseIf();
  findRow(code, WHERE);
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
  refuseIf();
  code.get(WHERE);
  code.access(OP.i32Load, ROW_BASE);
  code.set(STACK);
}

/** The caches of a unit, and the functions that fill them. */
export class RegionCaches {
  readonly locals: number[] = [];
  private readonly caches: Cache[] = [];
  private readonly firstFunction: number;

  /** `firstFunction`: the number of the first of `functions` in the module. */
  constructor(accesses: readonly RegionAccess[], firstFunction: number) {
    this.firstFunction = firstFunction;
    for (const access of accesses) {
      const cache = this.cacheOf(access.register);
      if (limitOf(cache, access) === undefined)
        cache.limits.push({ access, local: this.addLocal(I64) });
    }
  }

  private addLocal(type: number): number {
    return FIRST_OF_REGIONS + this.locals.push(type) - 1;
  }

  private cacheOf(register: number): Cache {
    const known = this.caches.find((cache) => cache.register === register);
    if (known !== undefined) return known;
    const start = this.addLocal(I64);
    const made = { register, start, base: this.addLocal(I32), limits: [] };
    this.caches.push(made);
    return made;
  }

  /**
   * WHERE becomes the linear address, where all bytes may be accessed; `access` and `refuse` write
   * what is done then and else.
   */
  check(
    code: CodeWriter,
    wanted: RegionAccess,
    off: number,
    access: () => void,
    refuse: () => void,
  ): void {
    const cache = this.cacheOf(wanted.register);
    const limit = limitOf(cache, wanted)!;
    code.open(OP.block);
    code.open(OP.block);
    this.pushIsInside(code, cache, limit, off);
    code.branch(OP.brIf, 0);
    this.lookUp(code, cache);
    this.pushIsInside(code, cache, limit, off);
    code.branch(OP.brIf, 0);
    refuse();
    code.branch(OP.br, 1);
    code.op(OP.end);
    code.get(cache.base);
    code.get(OFFSET);
    code.op(OP.i32WrapI64, OP.i32Add);
    code.set(WHERE);
    access();
    code.op(OP.end);
  }

  private pushIsInside(code: CodeWriter, cache: Cache, limit: number, off: number): void {
    code.get(registerLocal(cache.register));
    code.get(cache.start);
    code.op(OP.i64Sub);
    if (off !== 0) {
      code.i64(BigInt(off));
      code.op(OP.i64Add);
    }
    code.tee(OFFSET);
    code.get(limit);
    code.op(OP.i64LtU);
  }

  private lookUp(code: CodeWriter, cache: Cache): void {
    code.get(registerLocal(cache.register));
    code.call(this.firstFunction + this.caches.indexOf(cache));
    for (const { local } of cache.limits.toReversed()) code.set(local);
    code.set(cache.base);
    code.set(cache.start);
  }

  /** Behind what may have changed the table: no offset is inside. */
  forget(code: CodeWriter): void {
    for (const { local } of this.caches.flatMap(({ limits }) => limits)) {
      code.i64(0n);
      code.set(local);
    }
  }

  /** A function for each register: what its cache holds of the region of an address. */
  get functions(): WasmFunction[] {
    return this.caches.map(({ limits }) => ({
      type: { parameters: [I64], results: [I64, I32, ...limits.map(() => I64)] },
      locals: [I32, I64],
      code: lookUpCode(limits.map(({ access }) => access)),
    }));
  }
}

const limitOf = ({ limits }: Cache, { size, right }: RegionAccess): number | undefined =>
  limits.find(({ access }) => access.size === size && access.right === right)?.local;

function lookUpCode(accesses: readonly RegionAccess[]): CodeWriter {
  const code = new CodeWriter();
  const [address, row, length] = [0, 1, 2];
  pushRowNumber(code, address, row);
  pushIsNoRow(code);
  code.open(OP.if);
  code.i64(0n);
  code.i32(0);
  for (const _ of accesses) code.i64(0n);
  code.op(OP.return, OP.end);
  findRow(code, row);
  code.get(address);
  code.i64(-1n << 32n);
  code.op(OP.i64And);
  code.i64(BigInt(REGION_START));
  code.op(OP.i64Or);
  code.get(row);
  code.access(OP.i32Load, ROW_BASE);
  for (const { size, right } of accesses) {
    // None where the region is too short; row 0 has no length.
    code.get(row);
    code.access(OP.i64Load32U, ROW_LENGTH[right]);
    code.i64(BigInt(size - 1));
    code.op(OP.i64Sub);
    code.tee(length);
    code.i64(0n);
    code.get(length);
    code.i64(0n);
    code.op(OP.i64GtS, OP.select);
  }
  return code;
}
