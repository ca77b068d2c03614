/**
 * How often control came to each instruction. A unit counts how often it enters each of its blocks;
 * where it is left in the middle of one, the rest of that block is taken off again.
 */
import type { Pc } from '../spec/units.ts';
import type { UnitShape } from './shape.ts';
import { counterName } from './unit.ts';

/** What a unit that counts has counted. */
class UnitCounts {
  private readonly shape: UnitShape;
  private readonly exports: WebAssembly.Exports;
  /** By the slot in front of which it was left: how often. */
  private readonly left = new Map<Pc, number>();
  /** By a slot: the next one of its block. */
  private readonly behind = new Map<Pc, Pc>();

  constructor(shape: UnitShape, exports: WebAssembly.Exports) {
    this.shape = shape;
    this.exports = exports;
    for (const { pcs } of shape.blocks.values())
      for (const [i, pc] of pcs.entries()) if (i + 1 < pcs.length) this.behind.set(pc, pcs[i + 1]);
  }

  leftBefore(pc: Pc): void {
    this.left.set(pc, (this.left.get(pc) ?? 0) + 1);
  }

  leftBehind(pc: Pc): void {
    const next = this.behind.get(pc);
    if (next !== undefined) this.leftBefore(next);
  }

  addTo(totals: Float64Array): void {
    for (const { start, pcs } of this.shape.blocks.values()) {
      const counter = this.exports[counterName(start)] as WebAssembly.Global<'i64'> | undefined;
      let count = Number(counter?.value ?? 0n);
      for (const pc of pcs) {
        count -= this.left.get(pc) ?? 0;
        totals[pc] += count;
      }
    }
  }
}

/** Of all units that were made while it was asked for, and of what was done outside of them. */
export class InstructionCounts {
  private readonly outside: Float64Array;
  private readonly units: UnitCounts[] = [];
  private readonly byEntry = new WeakMap<object, UnitCounts>();

  constructor(slots: number) {
    this.outside = new Float64Array(slots);
  }

  /** To an instruction that is done outside of units. */
  came(pc: Pc): void {
    // A run may lead out of the program.
    if (pc >= 0 && pc < this.outside.length) this.outside[pc] += 1;
  }

  /** `entry`: what runs the unit. */
  add(entry: object, shape: UnitShape, exports: WebAssembly.Exports): void {
    const counts = new UnitCounts(shape, exports);
    this.units.push(counts);
    this.byEntry.set(entry, counts);
  }

  of(entry: object): UnitCounts | undefined {
    return this.byEntry.get(entry);
  }

  /** By slot. */
  get totals(): Float64Array {
    const totals = this.outside.slice();
    for (const unit of this.units) unit.addTo(totals);
    return totals;
  }
}
