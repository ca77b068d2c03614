/** A BPF object of two instructions and so many symbols. */
export function manySymbols(count: number): Uint8Array {
  const text = new TextEncoder();
  const code = Uint8Array.of(0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
  const names = Array.from({ length: count }, (_, i) => `name_of_symbol_${i}`);
  const strings = text.encode(`\0${names.join('\0')}\0`);
  const symbols = new DataView(new ArrayBuffer((count + 1) * 24));
  let at = 1;
  for (const [i, name] of names.entries()) {
    const start = (i + 1) * 24;
    symbols.setUint32(start, at, true);
    // The first is a function, and so a program; the others are labels without a type.
    symbols.setUint8(start + 4, i === 0 ? 0x12 : 0x10);
    symbols.setUint16(start + 6, 1, true);
    symbols.setBigUint64(start + 16, i === 0 ? 16n : 0n, true);
    at += name.length + 1;
  }
  const sectionNames = ['', 'xdp', '.symtab', '.strtab', 'license'];
  const nameTable = text.encode(`${sectionNames.join('\0')}\0`);
  const license = text.encode('GPL\0');
  return elf([
    { name: 1, type: 1, flags: 6n, bytes: code },
    { name: 5, type: 2, bytes: new Uint8Array(symbols.buffer), link: 3, info: 1, entry: 24n },
    { name: 13, type: 3, bytes: strings },
    { name: 21, type: 1, flags: 2n, bytes: license },
    { name: 0, type: 3, bytes: nameTable },
  ]);
}

interface Section {
  readonly name: number;
  readonly type: number;
  readonly flags?: bigint;
  readonly bytes: Uint8Array;
  readonly link?: number;
  readonly info?: number;
  readonly entry?: bigint;
}

const HEADER = 64;

/** A relocatable file for EM_BPF (247), its section names in the last section. */
function elf(sections: readonly Section[]): Uint8Array {
  const starts: number[] = [];
  let end = HEADER;
  for (const { bytes } of sections) {
    starts.push(end);
    end += Math.ceil(bytes.length / 8) * 8;
  }
  const file = new Uint8Array(end + (sections.length + 1) * HEADER);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 247, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(end), true);
  for (const [place, value] of [
    [52, HEADER],
    [58, HEADER],
    [60, sections.length + 1],
    [62, sections.length],
  ] as const)
    view.setUint16(place, value, true);
  for (const [i, { name, type, flags = 0n, bytes, link = 0, info = 0, entry = 0n }] of [
    ...sections.entries(),
  ]) {
    const head = end + (i + 1) * HEADER;
    file.set(bytes, starts[i]);
    view.setUint32(head, name, true);
    view.setUint32(head + 4, type, true);
    view.setBigUint64(head + 8, flags, true);
    view.setBigUint64(head + 24, BigInt(starts[i]), true);
    view.setBigUint64(head + 32, BigInt(bytes.length), true);
    view.setUint32(head + 40, link, true);
    view.setUint32(head + 44, info, true);
    view.setBigUint64(head + 48, 8n, true);
    view.setBigUint64(head + 56, entry, true);
  }
  return file;
}
