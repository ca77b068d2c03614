import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toBase64 } from '../../bytes/base64.ts';
import { toHex } from '../../bytes/hex.ts';
import { fingerprint } from '../../session/outcome.ts';
import { Random } from '../../testing/random.ts';
import { readCapture } from '../capture/capture.ts';
import { DIALECTS, readPacketText } from './text.ts';

const FOLDER = join(import.meta.dirname, '../../testdata/packets');
const PACKETS = ['designed', 'cases']
  .flatMap((name) =>
    readCapture(name, new Uint8Array(readFileSync(join(FOLDER, `${name}.pcap`)))).packets.map(
      ({ bytes }) => bytes,
    ),
  )
  .filter(({ length }) => length <= 128);

const rowsOf = (bytes: Uint8Array, width: number): [offset: number, row: Uint8Array][] =>
  Array.from({ length: Math.ceil(bytes.length / width) }, (_, i) => [
    i * width,
    bytes.subarray(i * width, (i + 1) * width),
  ]);
const ascii = (row: Uint8Array): string => String.fromCharCode(...row).replace(/[^ -~]/g, '.');
const words = (row: Uint8Array, size: number, little: boolean): string[] =>
  rowsOf(row, size).map(([, word]) => toHex(little ? word.slice().reverse() : word));
const numbers = (row: Uint8Array, base: number, width: number): string =>
  [...row].map((byte) => byte.toString(base).padStart(width, base === 10 ? ' ' : '0')).join(' ');

/** How a tool writes bytes: its width, groups and offsets at random. */
const WRITERS: Readonly<Record<string, (bytes: Uint8Array, random: Random) => string[]>> = {
  xxd(bytes, random) {
    const [width, size] = [random.pick([8, 16, 20, 32]), random.pick([1, 2, 4, 8])];
    const little = size > 1 && random.chance(3);
    return rowsOf(bytes, width).map(([offset, row]) => {
      const text = words(row, size, little).join(' ');
      const columns = Math.ceil(width / size) * (2 * size + 1);
      return `${offset.toString(16).padStart(8, '0')}: ${text.padEnd(columns)} ${ascii(row)}`;
    });
  },
  'hexdump -C': (bytes) => [
    ...rowsOf(bytes, 16).map(([offset, row]) => {
      const [left, right] = [row.subarray(0, 8), row.subarray(8)].map((half) =>
        numbers(half, 16, 2),
      );
      const both = `${left}  ${right}`.padEnd(50);
      return `${offset.toString(16).padStart(8, '0')}  ${both}|${ascii(row)}|`;
    }),
    bytes.length.toString(16).padStart(8, '0'),
  ],
  od(bytes, random) {
    const [base, width] = random.pick([
      [16, 2],
      [8, 3],
      [10, 3],
    ] as const);
    const size = random.pick([8, 16]);
    const offset = (at: number) => at.toString(8).padStart(7, '0');
    return [
      ...rowsOf(bytes, size).map(([at, row]) => `${offset(at)} ${numbers(row, base, width)}`),
      offset(bytes.length),
    ];
  },
  'od of words': (bytes, random) => {
    const size = random.pick([2, 4, 8]);
    return rowsOf(bytes, 16).map(
      ([at, row]) => `${at.toString(8).padStart(7, '0')} ${words(row, size, true).join(' ')}`,
    );
  },
  tcpdump: (bytes, random) => {
    const shown = random.chance(2) ? bytes : bytes.subarray(14);
    return [
      '12:00:00.000001 IP 10.0.0.1 > 10.0.0.2: UDP, length 4',
      ...rowsOf(shown, 16).map(
        ([at, row]) =>
          `\t0x${at.toString(16).padStart(4, '0')}:  ${words(row, 2, false).join(' ').padEnd(40)}` +
          (random.chance(2) ? `  ${ascii(row)}` : ''),
      ),
    ];
  },
  Wireshark: (bytes) =>
    rowsOf(bytes, 16).map(
      ([at, row]) => `${at.toString(16).padStart(4, '0')}   ${numbers(row, 16, 2)}`,
    ),
  stream(bytes, random) {
    const separator = random.pick(['', ' ', ':', '-', ', ']);
    const pairs = toHex(bytes).match(/../g)!.join(separator);
    return random.chance(2)
      ? [pairs]
      : rowsOf(bytes, 20).map(([, row]) => toHex(row).match(/../g)!.join(separator));
  },
  binary: (bytes, random) => {
    const width = random.pick([4, 6, 8]);
    return rowsOf(bytes, width).map(
      ([at, row]) => `${at.toString(16).padStart(8, '0')}: ${numbers(row, 2, 8)}  ${ascii(row)}`,
    );
  },
  'C array': (bytes, random) => {
    const written = random.pick<(byte: number) => string>([
      (byte) => `0x${byte.toString(16).padStart(2, '0')}`,
      String,
      (byte) => `0${byte.toString(8)}`,
      (byte) => `0X${byte.toString(16).toUpperCase()}`,
    ]);
    return [
      'static const unsigned char packet[] = {',
      ...rowsOf(bytes, 12).map(([, row]) => `  ${[...row].map(written).join(', ')},`),
      `}; /* ${bytes.length} bytes */`,
    ];
  },
  string: (bytes, random) => {
    const open = random.pick(['"', 'b"', "b'"]);
    return rowsOf(bytes, 16).map(
      ([, row]) => `${open}${toHex(row).replace(/../g, '\\x$&')}${open.at(-1)}`,
    );
  },
  base64: (bytes, random) => {
    const text = toBase64(bytes);
    return random.chance(2) ? [text] : (text.match(/.{1,64}/g) ?? []);
  },
  JSON: (bytes) => [`{"layers": {"frame_raw": ["${toHex(bytes)}", 0, ${bytes.length}, 0, 1]}}`],
  'key and value': (bytes) => ['time: 12', `packet: ${toHex(bytes)}`, 'length = 9'],
};

/** What happens to text on its way. */
const WAYS: readonly ((lines: string[], random: Random) => string[])[] = [
  (lines) => lines,
  (lines) => lines,
  (lines) => lines.map((line) => `    ${line}`),
  (lines) => lines.map((line) => `> ${line}`),
  (lines) => lines.map((line) => line.trimEnd().toUpperCase()),
  (lines) => ['Here it is:', '', ...lines, '', 'and that is all of it.'],
  (lines, random) => lines.slice(0, 1 + random.below(lines.length)),
  (lines) => [...lines, '...'],
  (lines) => lines.map((line, i) => `${i + 1}: ${line}`),
];
const TEXTS = 20;

/**
 * Which packets come of texts that tools have written is compared with these elsewhere; this keeps
 * all that is read of texts of any width, groups and order, by itself and in every other way.
 */
test.each(Object.keys(WRITERS))('%s, written in any way', async (name) => {
  const random = new Random(name.length * 7 + 3);
  let right = 0;
  const lines = Array.from({ length: TEXTS }, (_, i) => {
    const packets = Array.from({ length: random.chance(3) ? 2 : 1 }, () => random.pick(PACKETS));
    const text = packets
      .map((bytes) => WAYS[i % WAYS.length](WRITERS[name](bytes, random), random).join('\n'))
      .join(random.pick(['\n', '\n\n']));
    const read = (as?: string): string => {
      try {
        const { packets: found, dialect, notes, alternatives } = readPacketText(text, as);
        if (
          as === undefined &&
          found.map(({ bytes }) => toHex(bytes)).join() === packets.map(toHex).join()
        )
          right += 1;
        return JSON.stringify([
          found.map((packet) => toHex(packet.bytes)),
          dialect,
          notes,
          alternatives.map(({ label, packets: others }) => [
            label,
            others.map(({ bytes }) => toHex(bytes)),
          ]),
        ]);
      } catch (error) {
        return String(error);
      }
    };
    const forced = [...DIALECTS.keys()].filter((_, k) => (i + k) % 4 === 0);
    const others = forced.map((dialect) => read(dialect)).join('\n');
    return [read(), others].map((said) => fingerprint(said).slice(0, 6)).join(' ');
  });
  expect(right).toBeGreaterThan(TEXTS / 4);
  const golden = join(FOLDER, 'written', `${name.replaceAll(' ', '-')}.txt`);
  await expect(`${right} as they were\n${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
