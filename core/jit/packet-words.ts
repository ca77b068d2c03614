/** Words that a loop over packets and its unit have in common with who asked (batch.ts). */
import type { LinearAddress } from '../spec/units.ts';
import { type BatchLayout, CONTROL } from './batch.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

export function loadWord(code: CodeWriter, address: LinearAddress): void {
  code.i32(0);
  code.access(OP.i32Load, address);
}

/** A packet's word of a column, where a local has the packet. */
export function loadField(code: CodeWriter, at: number, column: LinearAddress): void {
  code.get(at);
  code.access(OP.i32Load, column);
}

/** Keeps a local for who is asked. */
export function tellWord(code: CodeWriter, address: LinearAddress, local: number): void {
  code.i32(0);
  code.get(local);
  code.access(OP.i32Store, address);
}

/** Before JavaScript is asked something: which packet it is. */
export function tellAt(code: CodeWriter, { control }: BatchLayout, at: number): void {
  tellWord(code, control + CONTROL.at, at);
}
