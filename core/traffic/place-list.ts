/** Packets whose places are allocated at once, at first. */
const FIRST_ROOM = 4096;

/** Places of packets that a filter has left, as they are found. */
export class PlaceList {
  private places = new Uint32Array(FIRST_ROOM);
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(place: number): void {
    if (this.count === this.places.length) {
      const larger = new Uint32Array(2 * this.count);
      larger.set(this.places);
      this.places = larger;
    }
    this.places[this.count++] = place;
  }

  at(row: number): number {
    return this.places[row];
  }

  /** All of them. */
  get all(): Uint32Array<ArrayBuffer> {
    return this.places.slice(0, this.count);
  }

  /** Row of a packet in a list that ascends; -1 where it is not there. */
  rowOf(place: number): number {
    let low = 0;
    for (let high = this.count; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.places[middle] < place) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.places[low] === place ? low : -1;
  }
}
