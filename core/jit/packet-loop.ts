/**
 * The loop around a unit that judges many packets: which packet is next, and which region it gets.
 * It is in one function with the unit: a call for each packet would take longer than most programs.
 */
import { READ, TABLE_AT, WRITE } from '../memory/memory.ts';
import { type BatchEntry, CONTROL, LENGTH } from './batch.ts';
import type { LocalSpace } from './locals.ts';
import { loadField, loadWord, tellAt, tellWord } from './packet-words.ts';
import { ROW_BASE, ROW_LENGTH, ROW_SHIFT } from './regions.ts';
import { LEFT } from './state.ts';
import { type CodeWriter, I32, NO_RESULT, OP } from './wasm-writer.ts';

/** Words of a row for reading and writing, where a packet may be written to: they are alike. */
const BOTH = 0x1_0000_0001n;

export class PacketLoop {
  private readonly code: CodeWriter;
  private readonly entry: BatchEntry;
  /** Locals: the packet, by bytes of a column; its region; its length; that of its context. */
  readonly at: number;
  readonly region: number;
  readonly length: number;
  readonly context: number;
  /** Linear address of its first byte. */
  readonly base: number;
  private readonly end: number;
  private readonly ringAt: number;
  private readonly ringLength: number;
  private readonly origin: number;
  private readonly from: number;
  private readonly to: number;
  private readonly budget: number;
  private readonly start: number;
  private readonly table: number;
  private readonly row: number;
  private head = 0;
  /** No instruction of the program is done twice. */
  isShort = false;

  constructor(code: CodeWriter, entry: BatchEntry, locals: LocalSpace) {
    this.code = code;
    this.entry = entry;
    this.at = locals.add(I32, 'packet');
    this.region = locals.add(I32, 'region');
    this.length = locals.add(I32, 'packet_length');
    this.context = locals.add(I32, 'context_region');
    this.base = locals.add(I32, 'packet_base');
    this.end = locals.add(I32, 'packets_end');
    this.ringAt = locals.add(I32, 'ring_at');
    this.ringLength = locals.add(I32, 'ring_length');
    this.origin = locals.add(I32, 'origin');
    this.from = locals.add(I32, 'from');
    this.to = locals.add(I32, 'to');
    this.budget = locals.add(I32, 'budget');
    this.start = locals.add(I32, 'packet_offset');
    this.table = locals.add(I32, 'table');
    this.row = locals.add(I32, 'row');
  }

  /** Up to where a packet is in its locals; `usesTable`: it has a row there. */
  open(usesTable: boolean): void {
    const { code } = this;
    const { layout } = this.entry;
    for (const [local, word] of [
      [this.at, CONTROL.at],
      [this.end, CONTROL.end],
      [this.ringAt, CONTROL.ringAt],
      [this.ringLength, CONTROL.ringLength],
      [this.region, CONTROL.before],
      [this.origin, CONTROL.origin],
      [this.from, CONTROL.from],
      [this.to, CONTROL.to],
      [this.budget, CONTROL.budget],
    ] as const) {
      loadWord(code, layout.control + word);
      code.set(local);
    }
    this.head = code.open(OP.loop, NO_RESULT, 'packets');
    this.passBy();
    if (usesTable) this.retire();
    this.takeRegion();
    code.get(this.start);
    code.get(this.origin);
    code.op(OP.i32Add);
    code.set(this.base);
    if (usesTable) this.fillRow();
  }

  /**
   * Behind a packet whose steps are in a local: where those of a call are used up, it ends. Of one
   * that cannot have taken many they are not counted.
   */
  goOn(steps: number): void {
    const { code } = this;
    if (this.isShort) {
      this.next();
      return;
    }
    code.get(this.budget);
    code.get(steps);
    code.op(OP.i32Sub);
    code.tee(this.budget);
    code.i32(0);
    code.op(OP.i32LtS);
    code.open(OP.if);
    code.i32(0);
    code.set(this.end);
    code.close();
    this.next();
  }

  /** Behind all code of a packet. */
  close(): void {
    this.code.op(OP.unreachable);
    this.code.close();
  }

  private next(): void {
    const { code } = this;
    code.get(this.at);
    code.i32(4);
    code.op(OP.i32Add);
    code.set(this.at);
    code.branch(OP.br, this.head);
  }

  /**
   * Packets that the program does not run on; the last one, which whoever asked runs as any other,
   * so that the machine stands behind it; those of no bytes, or that are not where they should be.
   */
  private passBy(): void {
    const { code } = this;
    const { layout } = this.entry;
    loadField(code, this.at, layout.column('length'));
    code.set(this.length);
    loadField(code, this.at, layout.column('start'));
    code.set(this.start);
    code.get(this.length);
    code.i32(0);
    code.op(OP.i32LeS);
    code.get(this.at);
    code.get(this.end);
    code.op(OP.i32GeU, OP.i32Or);
    code.get(this.start);
    code.get(this.length);
    code.op(OP.i32Add);
    code.get(this.to);
    code.op(OP.i32GtU, OP.i32Or);
    code.get(this.start);
    code.get(this.from);
    code.op(OP.i32LtU, OP.i32Or);
    code.open(OP.if);
    code.get(this.length);
    code.i32(LENGTH.bypassed);
    code.op(OP.i32Eq);
    code.get(this.at);
    code.get(this.end);
    code.op(OP.i32LtU, OP.i32And);
    code.open(OP.if);
    this.next();
    code.close();
    tellAt(code, layout, this.at);
    for (const [local, word] of [
      [this.ringAt, CONTROL.ringAt],
      [this.region, CONTROL.before],
      [this.budget, CONTROL.budget],
    ] as const) {
      tellWord(code, layout.control + word, local);
    }
    code.i32(LEFT.packet);
    code.op(OP.return);
    code.close();
  }

  /** Leaves the linear address of the region's row in a local. */
  private findRow(): void {
    const { code } = this;
    code.get(this.region);
    code.i32(ROW_SHIFT);
    code.op(OP.i32Shl);
    code.get(this.table);
    code.op(OP.i32Add);
    code.set(this.row);
  }

  /** The packet in front can be reached no more. */
  private retire(): void {
    const { code } = this;
    // It may have moved during that packet.
    loadWord(code, TABLE_AT);
    code.set(this.table);
    this.findRow();
    code.get(this.row);
    code.i64(0n);
    code.access(OP.i64Store, ROW_LENGTH[READ]);
  }

  /** The packet is the next region of the ring, the context the one behind it, then its sockets. */
  private takeRegion(): void {
    const { code } = this;
    const { layout, memory, regions } = this.entry;
    loadField(code, this.ringAt, layout.ring);
    code.set(this.region);
    if (memory === undefined) {
      loadField(code, this.ringAt, layout.ring + 4);
      code.set(this.context);
    }
    code.get(this.ringAt);
    if (regions === 'column') loadField(code, this.at, layout.column('regions'));
    else code.i32(4 * regions);
    code.op(OP.i32Add);
    code.tee(this.ringAt);
    code.get(this.ringLength);
    code.op(OP.i32GeU);
    code.open(OP.if);
    code.get(this.ringAt);
    code.get(this.ringLength);
    code.op(OP.i32Sub);
    code.set(this.ringAt);
    code.close();
  }

  /** The packet's row in the table of regions. */
  private fillRow(): void {
    const { code } = this;
    this.findRow();
    code.get(this.row);
    code.get(this.base);
    code.access(OP.i32Store, ROW_BASE);
    code.get(this.row);
    code.get(this.length);
    code.op(OP.i64ExtendI32U);
    if ((this.entry.packetRights & WRITE) !== 0) {
      code.i64(BOTH);
      code.op(OP.i64Mul);
    }
    code.access(OP.i64Store, ROW_LENGTH[READ]);
  }
}
