/**
 * Lookups in maps as WebAssembly: what is remembered of them comes first, then the map is asked.
 */
import { REGION_START } from '../memory/memory.ts';
import { type LocalSpace, registerLocal, WHERE } from './locals.ts';
import { findEntry, pushBase, pushUpper } from './lookup-caches.ts';
import type { KnownLookup } from './map-lookups.ts';
import { pushRowBase } from './regions.ts';
import { STATE_IMPORTS } from './state.ts';
import type { FoundValue } from './unit-regions.ts';
import { type CodeWriter, I32, OP } from './wasm-writer.ts';

export class LookupWriter {
  private readonly code: CodeWriter;
  /** The upper half of what a lookup gives, and the entry where that is remembered. */
  private readonly upper: number;
  private readonly entry: number;

  constructor(code: CodeWriter, locals: LocalSpace) {
    this.code = code;
    this.upper = locals.add(I32, 'value_upper');
    this.entry = locals.add(I32, 'lookup_entry');
  }

  /** The key is at WHERE; r0 becomes the answer. `found`: locals for what is known of the value. */
  write(lookup: KnownLookup, found: FoundValue | undefined): void {
    const { code } = this;
    this.ask(lookup);
    // 0 where there is none.
    code.i64(BigInt(REGION_START));
    code.i64(0n);
    code.get(this.upper);
    code.op(OP.select);
    code.get(this.upper);
    code.op(OP.i64ExtendI32U);
    code.i64(32n);
    code.op(OP.i64Shl, OP.i64Or);
    code.set(registerLocal(0));
    if (found) this.noteFound(found, lookup.cache !== undefined);
  }

  /** Leaves the upper half of the value's address in `upper`, or 0. */
  private ask({ map, cache }: KnownLookup): void {
    const { code } = this;
    const askMap = (): void => {
      code.i32(map);
      code.get(WHERE);
      if (cache) code.get(this.entry);
      else code.i32(0);
      code.call(STATE_IMPORTS.length);
    };
    if (cache === undefined) {
      askMap();
      code.set(this.upper);
      return;
    }
    const done = code.open(OP.block);
    code.i32(0);
    code.set(this.upper);
    findEntry(code, cache, this.entry, () => code.branch(OP.br, done));
    code.open(OP.if, I32);
    pushUpper(code, this.entry);
    code.op(OP.else);
    askMap();
    code.close();
    code.set(this.upper);
    code.close();
  }

  /** Where the value is that a lookup has found; of no length where it found none. */
  private noteFound({ start, base, length, size }: FoundValue, isNoted: boolean): void {
    const { code } = this;
    code.get(registerLocal(0));
    code.set(start);
    code.i64(0n);
    code.set(length);
    code.get(this.upper);
    code.open(OP.if);
    code.i64(BigInt(size));
    code.set(length);
    if (isNoted) pushBase(code, this.entry);
    else pushRowBase(code, registerLocal(0));
    code.set(base);
    code.close();
  }
}
