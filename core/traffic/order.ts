/** Bits that are looked at in one pass. */
const DIGIT = 16;
const DIGITS = 1 << DIGIT;
/** Rows between two breaths. */
const BREATH = 1 << 20;

/**
 * Packets in the order of a key of up to 53 bits, equal ones as they stood: by its digits, the last
 * first, so that millions take a part of a second. Gives back on the way.
 */
export function* inKeyOrder(
  packets: Uint32Array<ArrayBuffer>,
  key: (packet: number) => number,
  isDescending: boolean,
): Generator<void, Uint32Array<ArrayBuffer>> {
  const keys = new Float64Array(packets.length);
  let most = 0;
  for (const [row, packet] of packets.entries()) {
    const value = key(packet);
    keys[row] = value;
    if (value > most) most = value;
    if (row % BREATH === 0) yield;
  }
  let rows = new Uint32Array(packets.length).map((_, row) => row);
  for (let unit = 1; unit <= most; unit *= DIGITS) {
    rows = byDigit(rows, keys, unit, isDescending);
    yield;
  }
  return rows.map((row) => packets[row]);
}

function byDigit(
  rows: Uint32Array<ArrayBuffer>,
  keys: Float64Array,
  unit: number,
  isDescending: boolean,
): Uint32Array<ArrayBuffer> {
  const digitOf = (row: number): number => {
    const digit = Math.floor(keys[row] / unit) % DIGITS;
    return isDescending ? DIGITS - 1 - digit : digit;
  };
  const starts = new Uint32Array(DIGITS + 1);
  for (const row of rows) starts[digitOf(row) + 1]++;
  for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1] += starts[digit];
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) sorted[starts[digitOf(row)]++] = row;
  return sorted;
}
