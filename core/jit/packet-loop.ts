/**
 * The loop around a unit that is run for many packets, as a function of its own: which packet is
 * next, and which region it gets.
 */
import { READ, TABLE_AT } from '../memory/memory.ts';
import { type BatchLayout, CONTROL, LENGTH } from './batch.ts';
import type { PacketUnit } from './packet-unit.ts';
import { loadField, loadWord, tellAt } from './packet-words.ts';
import { ROW_BASE, ROW_LENGTH, ROW_SHIFT } from './regions.ts';
import { LEFT } from './state.ts';
import { CodeWriter, I32, OP, type WasmFunction } from './wasm-writer.ts';

/** Locals of the loop. */
const LOOP = {
  at: 0,
  end: 1,
  ringAt: 2,
  ringLength: 3,
  region: 4,
  length: 5,
  start: 6,
  origin: 7,
  from: 8,
  to: 9,
  context: 10,
  budget: 11,
  answer: 12,
  table: 13,
  row: 14,
} as const;
/** Words of a row for reading and writing, which are as long for a packet. */
const BOTH = 0x1_0000_0001n;

/** The function around a unit, whose number it is given. */
export function writeLoop(packet: PacketUnit, unit: number): WasmFunction {
  const code = new CodeWriter();
  const { layout, memory } = packet.entry;
  for (const [local, word] of [
    [LOOP.at, CONTROL.at],
    [LOOP.end, CONTROL.end],
    [LOOP.ringAt, CONTROL.ringAt],
    [LOOP.ringLength, CONTROL.ringLength],
    [LOOP.region, CONTROL.before],
    [LOOP.origin, CONTROL.origin],
    [LOOP.from, CONTROL.from],
    [LOOP.to, CONTROL.to],
    [LOOP.budget, CONTROL.budget],
  ] as const) {
    loadWord(code, layout.control + word);
    code.set(local);
  }
  const head = code.open(OP.loop);
  passBy(code, layout, head);
  if (packet.usesTable) retire(code);
  takeRegion(code, layout, memory === undefined);
  if (packet.usesTable) fillRow(code);
  for (const local of [LOOP.at, LOOP.region, LOOP.length]) code.get(local);
  code.get(LOOP.start);
  code.get(LOOP.origin);
  code.op(OP.i32Add);
  code.get(LOOP.context);
  code.call(unit);
  code.tee(LOOP.answer);
  code.i32(0);
  code.op(OP.i32GtS);
  code.open(OP.if);
  spend(code);
  next(code, head);
  code.close();
  code.get(LOOP.answer);
  code.op(OP.return);
  code.close();
  code.op(OP.unreachable);
  return {
    type: { parameters: [], results: [I32] },
    locals: Object.values(LOOP).map(() => I32),
    names: Object.keys(LOOP),
    code,
  };
}

/** Where the steps of a call are used up, there is no next packet. */
function spend(code: CodeWriter): void {
  code.get(LOOP.budget);
  code.get(LOOP.answer);
  code.op(OP.i32Sub);
  code.tee(LOOP.budget);
  code.i32(0);
  code.op(OP.i32LtS);
  code.open(OP.if);
  code.i32(0);
  code.set(LOOP.end);
  code.close();
}

function next(code: CodeWriter, head: number): void {
  code.get(LOOP.at);
  code.i32(4);
  code.op(OP.i32Add);
  code.set(LOOP.at);
  code.branch(OP.br, head);
}

/**
 * Packets that the program does not run on; the last one, which whoever asked runs as any other, so
 * that the machine stands behind it; those of no bytes, or that are not where they should be.
 */
function passBy(code: CodeWriter, layout: BatchLayout, head: number): void {
  loadField(code, LOOP.at, layout.column('length'));
  code.set(LOOP.length);
  loadField(code, LOOP.at, layout.column('start'));
  code.set(LOOP.start);
  code.get(LOOP.length);
  code.i32(0);
  code.op(OP.i32LeS);
  code.get(LOOP.at);
  code.get(LOOP.end);
  code.op(OP.i32GeU, OP.i32Or);
  code.get(LOOP.start);
  code.get(LOOP.length);
  code.op(OP.i32Add);
  code.get(LOOP.to);
  code.op(OP.i32GtU, OP.i32Or);
  code.get(LOOP.start);
  code.get(LOOP.from);
  code.op(OP.i32LtU, OP.i32Or);
  code.open(OP.if);
  code.get(LOOP.length);
  code.i32(LENGTH.bypassed);
  code.op(OP.i32Eq);
  code.get(LOOP.at);
  code.get(LOOP.end);
  code.op(OP.i32LtU, OP.i32And);
  code.open(OP.if);
  next(code, head);
  code.close();
  tellAt(code, layout, LOOP.at);
  for (const [local, word] of [
    [LOOP.ringAt, CONTROL.ringAt],
    [LOOP.region, CONTROL.before],
    [LOOP.budget, CONTROL.budget],
  ] as const) {
    code.i32(0);
    code.get(local);
    code.access(OP.i32Store, layout.control + word);
  }
  code.i32(LEFT.packet);
  code.op(OP.return);
  code.close();
}

/** Leaves the linear address of the region's row in a local. */
function findRow(code: CodeWriter): void {
  code.get(LOOP.region);
  code.i32(ROW_SHIFT);
  code.op(OP.i32Shl);
  code.get(LOOP.table);
  code.op(OP.i32Add);
  code.set(LOOP.row);
}

/** The packet in front can be reached no more. */
function retire(code: CodeWriter): void {
  // It may have moved during that packet.
  loadWord(code, TABLE_AT);
  code.set(LOOP.table);
  findRow(code);
  code.get(LOOP.row);
  code.i64(0n);
  code.access(OP.i64Store, ROW_LENGTH[READ]);
}

/** The packet is the next region of the ring, the context the one behind it. */
function takeRegion(code: CodeWriter, layout: BatchLayout, hasContext: boolean): void {
  loadField(code, LOOP.ringAt, layout.ring);
  code.set(LOOP.region);
  if (hasContext) {
    loadField(code, LOOP.ringAt, layout.ring + 4);
    code.set(LOOP.context);
  }
  code.get(LOOP.ringAt);
  code.i32(hasContext ? 8 : 4);
  code.op(OP.i32Add);
  code.tee(LOOP.ringAt);
  code.get(LOOP.ringLength);
  code.op(OP.i32GeU);
  code.open(OP.if);
  code.get(LOOP.ringAt);
  code.get(LOOP.ringLength);
  code.op(OP.i32Sub);
  code.set(LOOP.ringAt);
  code.close();
}

/** The packet's row in the table of regions. */
function fillRow(code: CodeWriter): void {
  findRow(code);
  code.get(LOOP.row);
  code.get(LOOP.start);
  code.get(LOOP.origin);
  code.op(OP.i32Add);
  code.access(OP.i32Store, ROW_BASE);
  code.get(LOOP.row);
  code.get(LOOP.length);
  code.op(OP.i64ExtendI32U);
  code.i64(BOTH);
  code.op(OP.i64Mul);
  code.access(OP.i64Store, ROW_LENGTH[READ]);
}
