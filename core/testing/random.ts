/** A small seeded generator (mulberry32): the same seed gives the same program everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 bits without sign. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  }

  /** 0 to below `count`. */
  below(count: number): number {
    return this.word() % count;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(of: number): boolean {
    return this.below(of) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  /** An immediate: small, at an edge of a width, or anything. */
  immediate(): number {
    const edges = [
      0, 1, -1, 2, 7, 8, 31, 63, 127, 128, 255, 256, 0x7fff, 0xffff, 0x10000, 0x7fffffff,
      -0x80000000,
    ];
    return this.chance(3) ? this.pick(edges) : this.word() | 0;
  }
}
