import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { fingerprint } from '../../session/outcome.ts';
import { Random } from '../../testing/random.ts';
import { MAX_PACKET } from '../limits.ts';
import { readArrays } from './arrays.ts';
import { readDumps } from './dump.ts';
import { readHexLines } from './hex-lines.ts';
import { decodeText, normalLines } from './normal.ts';
import { type Broken, isBroken, type Reading } from './reading.ts';
import { readRecords } from './records.ts';
import { readBase64, readRuns } from './runs.ts';
import { readStrings } from './strings.ts';

/** One array of each manner of writing the bytes 7 and 65, as the languages have it. */
const ELEMENTS: readonly (readonly [language: string, text: string, bytes: string])[] = [
  ['C', '{0x07, 0x41}', '0741'],
  ['C in decimal', '{7, 65}', '0741'],
  ['C in octal', '{007, 0101}', '0741'],
  ['C with suffixes', '{7U, 65u, 0x7UL, 0x41ull}', '07410741'],
  ['C with a cast', '{(char)7, (unsigned char) 65}', '0741'],
  ['C characters', "{'\\a', 'A', '\\x41', '\\101', '\\0'}", '0741414100'],
  ['escaped characters', "{'\\n', '\\t', '\\r', '\\\\', '\\'', '\\b'}", '0a090d5c2708'],
  ['more of them', "{'\\f', '\\v', '\\z', ' ', ';'}", '0c0b7a203b'],
  ['C++', '{0b111, 0B1000001}', '0741'],
  ['Rust', '[7u8, 0x41_u8, 65 as u8]', '074141'],
  ['Rust characters', "[b'A', b'\\x07', 7]", '410707'],
  ['Rust in octal', '[0o7, 0o101]', '0741'],
  ['Java', '{(byte) 0x07, -1, -128}', '07ff80'],
  ['Kotlin', 'byteArrayOf[7.toByte(), 65.toUByte()]', '0741'],
  ['F#', '[7uy; 65uy; 0x41uy]', '074141'],
  ['Haskell', '[0x7,0x41]', '0741'],
  ['Ada', '(16#7#, 16#41#, 7, 65)', '07410741'],
  ['Verilog', "{8'h7, 8'h41}", '0741'],
  ['VHDL', '(x"07", x"41", x"07", x"41")', '07410741'],
  ['Pascal', '($07, $41, $7, 65)', '07410741'],
  ['Visual Basic', '{&h7, &H41}', '0741'],
  ['Go', '[]byte{0x7, 0x41}', '0741'],
  ['Node', '<Buffer 07 41 ff>', '0741ff'],
  ['Node in decimal letters', '<Buffer 10 20 30>', '102030'],
  ['JSON of strings', '["0x07", "65"]', '0741'],
  ['gdb', "{7 '\\a', 65 'A', 0 '\\000' <repeats 3 times>}", '0741000000'],
  ['gdb, repeated', '{0x7, 0x41 <repeats 4 times>}', '0741414141'],
  ['hex without 0x', '{07, 4f}', '074f'],
];
const arraysOf = (text: string): Reading[] =>
  readArrays([text]).filter((reading): reading is Reading => !isBroken(reading));
test.each(ELEMENTS)('an array of %s', (_, text, bytes) =>
  expect(arraysOf(text).map(({ packets }) => packets.map(toHex))[0]).toEqual([bytes]),
);

const errorOf = (text: string): string | undefined =>
  readArrays(text.split('\n')).find(isBroken)?.error.message;
test.each([
  ['{255, 256}', 'line 1, column 7: "256" does not fit into a byte: elements are bytes'],
  ['{-128, -129}', 'line 1, column 8: "-129" does not fit into a byte: elements are bytes'],
  ['{1, 2,\n 3, word}', 'line 2, column 5: "word" is not a number: elements look like 0x1f or 31'],
  [
    '{1, 2, ...}',
    'line 1, column 8: "..." stands for elements that are left out: paste the whole array',
  ],
  [
    '[1, 2, 3, 4, 5, 6, ... 50 more items]',
    'line 1, column 20: "..." stands for elements that are left out: paste the whole array',
  ],
])('%j is no array of bytes', (text, message) => expect(errorOf(text)).toBe(message));

test.each([
  ['one line', (text: string) => text],
  ['lines of a mail', (text: string) => text.replace(/.{76}/g, '$&\n')],
  ['a data: address', (text: string) => `data:;base64,${text}`],
])('a packet in base64 is as large as packets are, at most: %s', (_title, written) => {
  const readings = (size: number) =>
    readBase64(written(Buffer.alloc(size, 7).toString('base64')).split('\n'));
  // Their last group has one, two and three bytes.
  for (const size of [MAX_PACKET - 2, MAX_PACKET - 1, MAX_PACKET]) {
    const [one] = readings(size);
    expect(!isBroken(one) && one.packets.map(({ length }) => length)).toEqual([size]);
  }
  for (const size of [MAX_PACKET + 1, MAX_PACKET + 2, MAX_PACKET + 3, 2 * MAX_PACKET])
    expect(() => readings(size)).toThrow('packet has more than 262144 bytes');
});

const FOLDER = join(import.meta.dirname, '../../testdata/packets');
/** Longer texts take long and have nothing in them that shorter ones lack. */
const MOST_CHARACTERS = 3000;

function texts(): [name: string, text: string][] {
  const recorded = ['dialects', 'corpus'].flatMap((file) =>
    (
      JSON.parse(readFileSync(join(FOLDER, `${file}.json`), 'utf8')) as {
        tool: string;
        title: string;
        text: string;
      }[]
    ).map(({ tool, title, text }): [string, string] => [`${tool}, ${title}`, text]),
  );
  const cases = readdirSync(join(FOLDER, 'text')).flatMap((folder) =>
    readdirSync(join(FOLDER, 'text', folder))
      .filter((file) => file.endsWith('.txt'))
      .map((file): [string, string] => [
        `${folder}/${file}`,
        decodeText(new Uint8Array(readFileSync(join(FOLDER, 'text', folder, file)))) ?? '',
      ]),
  );
  return [...recorded, ...cases].filter(([, text]) => text.length <= MOST_CHARACTERS);
}

/** Ways in which a text comes damaged that its bytes can still be found after. */
const DAMAGE: readonly ((text: string, at: number, random: Random) => string)[] = [
  (text) => text,
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(at),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at, random) => `${text.slice(0, at)}${random.pick([...'0aZ ,"\\(.:'])}${text.slice(at)}`,
  (text) => text.replaceAll('\n', '\n\n'),
  (text) => text.replace(/^/gm, '> '),
  (text, at) =>
    text
      .split('\n')
      .toSpliced(at % text.split('\n').length, 1)
      .join('\n'),
  (text) => `${text}\n${text}`,
];

const READERS = [
  readDumps,
  readHexLines,
  readRecords,
  readStrings,
  readArrays,
  readRuns,
  readBase64,
];
const isRead = (reading: Reading | Broken): string =>
  isBroken(reading)
    ? `${reading.name} ${reading.form} ${reading.error.message}`
    : JSON.stringify({ ...reading, packets: reading.packets.map(toHex), read: [...reading.read] });

/** What each reader makes of a text, also of one that another reads better. */
const readings = (text: string): string => {
  const lines = normalLines(text);
  return [lines.join('\n'), ...READERS.flatMap((read) => read(lines).map(isRead))].join('\n');
};

/**
 * Which of the readings is right is compared elsewhere with the packets the texts were made of;
 * this keeps all readings, of damaged texts too, as fingerprints.
 */
test('what each reader makes of each text, whole and damaged', async () => {
  const random = new Random(31);
  const lines = texts().map(([name, text], i) => {
    const some = DAMAGE.filter((_, k) => k === 0 || (i + k) % 2 === 0);
    const prints = some.map((damage) => {
      const copy = damage(text, random.below(text.length), random);
      try {
        return fingerprint(readings(copy)).slice(0, 5);
      } catch (error) {
        return fingerprint(String(error)).slice(0, 5);
      }
    });
    return `${name}: ${prints.join(' ')}`;
  });
  expect(lines.length).toBeGreaterThan(200);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, 'readers.txt'));
});
