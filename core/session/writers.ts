const BITS = 10;
const PAGE = 1 << BITS;
const NONE = -1;

/** Who wrote each byte of linear memory last, by pages: a program writes few of them. */
export class Writers {
  private readonly pages: (Int32Array | undefined)[] = [];
  bytes = 0;

  /** The step that wrote the byte; -1 where none has. */
  at(address: number): number {
    const page = this.pages[address >>> BITS];
    return page === undefined ? NONE : page[address & (PAGE - 1)];
  }

  set(start: number, end: number, step: number): void {
    for (let at = start; at < end; at++) this.page(at >>> BITS)[at & (PAGE - 1)] = step;
  }

  private page(number: number): Int32Array {
    const known = this.pages[number];
    if (known) return known;
    const made = new Int32Array(PAGE).fill(NONE);
    this.pages[number] = made;
    this.bytes += made.byteLength;
    return made;
  }
}
