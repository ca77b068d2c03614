import type { LinearAddress, Step } from '../spec/units.ts';

const BITS = 10;
const PAGE = 1 << BITS;
const NONE = -1;

/**
 * In place of a byte of what a step stored: all that a call worked out, and room that a call
 * cleared.
 */
export const WHOLE = 8;
export const CLEARED = 9;

interface Page {
  /**
   * A step, a change that a person made, or `fromBefore` of an address; -1: as it was before the
   * run.
   */
  readonly source: Int32Array;
  /** Which byte of what the step stored; WHOLE or CLEARED of a call. */
  readonly lane: Uint8Array;
  /**
   * Calls that moved the byte from where it was written to here, as a node of the trace; -1: none.
   */
  readonly via: Int32Array;
}

/** A source that is a byte as it was before the run, of an address that it was moved from. */
export const fromBefore = (address: LinearAddress): number => -2 - address;

/** Where each byte of linear memory comes from, by pages: a program writes few of them. */
export class Cells {
  private readonly pages: (Page | undefined)[] = [];
  bytes = 0;

  source(address: LinearAddress): number {
    const page = this.pages[address >>> BITS];
    return page === undefined ? NONE : page.source[address & (PAGE - 1)];
  }

  lane(address: LinearAddress): number {
    const page = this.pages[address >>> BITS];
    return page === undefined ? 0 : page.lane[address & (PAGE - 1)];
  }

  via(address: LinearAddress): number {
    const page = this.pages[address >>> BITS];
    return page === undefined ? NONE : page.via[address & (PAGE - 1)];
  }

  set(address: LinearAddress, source: number, lane: number, via: number): void {
    const { source: sources, lane: lanes, via: vias } = this.page(address >>> BITS);
    const at = address & (PAGE - 1);
    sources[at] = source;
    lanes[at] = lane;
    vias[at] = via;
  }

  /** By a step: its bytes in order, or all of them by one lane. */
  write(start: LinearAddress, end: LinearAddress, step: Step, lane?: number): void {
    for (let at = start; at < end; at++) this.set(at, step, lane ?? at - start, NONE);
  }

  /** Bytes go to another place; `through`: what their way is to become, of what it was. */
  move(
    from: LinearAddress,
    to: LinearAddress,
    size: number,
    through: (via: number) => number,
  ): void {
    const [sources, lanes, vias] = [
      new Int32Array(size),
      new Uint8Array(size),
      new Int32Array(size),
    ];
    for (let i = 0; i < size; i++) {
      const source = this.source(from + i);
      sources[i] = source === NONE ? fromBefore(from + i) : source;
      lanes[i] = this.lane(from + i);
      vias[i] = this.via(from + i);
    }
    let [before, after] = [0, 0];
    for (let i = 0; i < size; i++) {
      if (i === 0 || vias[i] !== before) [before, after] = [vias[i], through(vias[i])];
      this.set(to + i, sources[i], lanes[i], after);
    }
  }

  private page(number: number): Page {
    const known = this.pages[number];
    if (known) return known;
    const made = {
      source: new Int32Array(PAGE).fill(NONE),
      lane: new Uint8Array(PAGE),
      via: new Int32Array(PAGE).fill(NONE),
    };
    this.pages[number] = made;
    this.bytes += PAGE * 9;
    return made;
  }
}
