import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { looksLikePacket, readPacketText } from './text.ts';

const read = (text: string) => {
  const { packets, dialect } = readPacketText(text);
  return `${dialect}: ${packets.map(({ bytes }) => toHex(bytes)).join(' ')}`;
};

test.each([
  ['spaces', '00 11 22 33', 'plain hex: 00112233'],
  ['colons and capitals', 'AA:BB:CC:0d', 'plain hex: aabbcc0d'],
  ['commas and 0x', '0x00, 0x11, 0x2', 'hex numbers with 0x: 001102'],
  ['dashes over lines', '00-11-22\n33-44-55', 'plain hex: 001122334455'],
  [
    'groups of different sizes',
    '001122334455 66778899aabb 0800 45',
    'plain hex: 00112233445566778899aabb080045',
  ],
  ['words that begin with zeros, which are no offset', '0000 4500 0034', 'plain hex: 000045000034'],
  ['one 0x in front of all', '0x00112233', 'hex numbers with 0x: 00112233'],
  ['comments', '00 11 // two\n# three\n22 /* 33 */ 44', 'plain hex: 00112244'],
  ['a stream', '0011223344556677', 'hex stream: 0011223344556677'],
  [
    'a stream in lines of odd length',
    '001122334\n455667788',
    'hex stream in lines (xxd -p): 001122334455667788',
  ],
  ['decimal numbers', '0, 17, 255, 8', 'decimal numbers: 0011ff08'],
  [
    'a C array',
    'static const u8 pkt[4] = {\n 0x00, 0x11, /* two */ 0x22, // three\n 255,\n};',
    'C array: 001122ff',
  ],
  [
    'a C array with octal, binary, negative and character elements',
    "{ 010, 0b11, -1, 'A', 0x0fU }",
    'C array: 0803ff410f',
  ],
  ['arrays of arrays', '{{0x01, 0x02}, {0x03}}', 'C array: 0102 03'],
  ['an array of Go', 'p := []byte{0x01, 0x02}', 'C array: 0102'],
  ['an array of Rust', 'let p = [0x01u8, 0x02];', 'array: 0102'],
  ['a list of JSON', '[1, 2, 255]', 'array: 0102ff'],
  ['array elements without 0x', '{ 00, 1f, 08 }', 'C array: 001f08'],
  ['a C string', 'char p[] = "\\x00\\x11" "\\x22";', 'string with \\x escapes: 001122'],
  [
    'other escapes and letters',
    '"\\0\\n\\t\\\\A\\377\\""',
    'string with \\x escapes: 000a095c41ff22',
  ],
  ['a string continued over lines', '"\\x01\\x02" \\\n"\\x03"', 'string with \\x escapes: 010203'],
  ['comments between strings', '"\\x01" /* "\\x02" */ "\\x03"', 'string with \\x escapes: 0103'],
  ['several strings', 'a = "\\x01";\nb = "\\x02";', 'string with \\x escapes: 01 02'],
  ['escapes without quotes', '\\x01\\x02 \\x03', '\\x escapes: 010203'],
  ['Python bytes', "pkt = (b'\\x00\\x01E\\x00'\n       b'\\xff')", 'Python bytes: 00014500ff'],
  ['Python bytes without escapes', "b'AB'", 'Python bytes: 4142'],
  [
    'base64 that starts like a comment',
    '////////AgAAAAABCABFAAAo',
    'base64: ffffffffffff02000000000108004500' + '0028',
  ],
  ['base64 as a data URL', 'data:application/octet-stream;base64,/////wAR', 'base64: ffffffff0011'],
  [
    'URL-safe base64',
    '_____wARAgMEBQYHCAkKCwwN',
    'base64: ffffffff0011020304050607' + '08090a0b0c0d',
  ],
  ['an ASCII column of hex digits, by its own bytes', '00000000: 6162 6364  abcd', 'xxd: 61626364'],
  [
    'an ASCII column of hex digits, by the next offset',
    '0000  61 62   61 62\n0002  63   63',
    'Wireshark hex dump: 616263',
  ],
  [
    'an edited dump whose ASCII column is of before',
    '00000000: 4500 0102  E...\n00000004: ff         .',
    'xxd: 45000102ff',
  ],
  [
    'repeated lines',
    '00000000  00 01  |..|\n*\n00000006  ff   |.|\n00000007',
    'hexdump -C: 000100010001ff',
  ],
  ['words of a little-endian machine', '0000000 2211 4433 0055\n0000005', 'hexdump: 1122334455'],
  [
    'octal offsets',
    '0000000 00 11 22 33 44 55 66 77 88 99\n0000012 aa\n0000013',
    'od -t x1: 00112233445566778899aa',
  ],
])('%s', (_title, text, expected) => expect(read(text)).toBe(expected));

test('tcpdump -x leaves the Ethernet header out, so one is made up', () => {
  const text = `12:00:00.000000 IP 10.0.0.2.1 > 1.1.1.1.2: UDP, length 1
\t0x0000:  4500 001d 0001 0000 4011 0000 0a00 0002
\t0x0010:  0101 0101 0001 0002 0009 0000 61`;
  const { packets, dialect, notes } = readPacketText(text);
  expect(dialect).toBe('tcpdump -x');
  expect(toHex(packets[0].bytes.subarray(0, 18))).toBe('0200000000020200000000010800' + '4500001d');
  expect(notes.join(' ')).toContain('Ethernet header made up for 1 packet');
});

test('tcpdump -xx on all interfaces has a cooked header in place of the Ethernet one', () => {
  const text = `\t0x0000:  0800 0000 0000 0002 0001 0006 0200 0000
\t0x0010:  0009 0000 4500 001d 0001 0000 4011 0000
\t0x0020:  0a00 0002 0101 0101 0001 0002 0009 0000
\t0x0030:  61`;
  const { packets, notes } = readPacketText(text);
  expect(toHex(packets[0].bytes.subarray(0, 18))).toBe('0200000000020200000000090800' + '4500001d');
  expect(notes.join(' ')).toContain('Linux cooked header');
});

test('bytes Wireshark put together are not a frame', () => {
  const text =
    'Frame (2 bytes):\n0000  00 11   ..\n\nReassembled TCP (3 bytes):\n0000  01 02 03   ' +
    '...\n\nFrame (1 byte):\n0000  22   "\n';
  expect(read(text)).toBe('Wireshark hex dump: 0011 22');
});

test('what was guessed is said', () => {
  expect(readPacketText('45000014000100004011000001010101020202' + '02').notes).toEqual([
    'Starts with a network header: there is no Ethernet header in front of it.',
  ]);
  expect(readPacketText('00000010: 0011 2233  .."3').notes).toContain(
    'The first offset is 16, not 0: what is in front of it is missing.',
  );
});

describe('what cannot be read is refused with its place and what to do', () => {
  test.each([
    ['nothing', ' \n', 'line 1: is empty: paste hex bytes'],
    ['only separators', '::\n', 'line 1: has no bytes'],
    ['a letter', '00 11\n22 3g', 'line 2, column 5: "g" is not a hex digit'],
    [
      'an odd digit',
      '00 11 2 33',
      'line 1, column 7: "2" has 1 hex digits, a byte takes two: add the missing one, like 02',
    ],
    ['an odd stream', '00112', 'line 1, column 1: "00112" has 5 hex digits'],
    [
      'a missing line',
      '0000  00 11 22 33\n0010  44',
      'line 1: has 4 bytes, the next offset says 16',
    ],
    [
      'offsets that go down',
      '0000  00 11\n0002  22 33\n0001  44',
      'line 3: offset 0001 does not follow 0002',
    ],
    [
      'an odd digit in a dump',
      '0000  00 11 2 33',
      'line 1, column 13: "2" is not made of pairs of hex digits',
    ],
    [
      'an offset without bytes',
      '00000000: 0011\n00000002: \n',
      'line 2: has an offset and no hex bytes',
    ],
    [
      'repeated lines without an end',
      '00000000  00 11  |..|\n*',
      'line 2: "*" needs the offset behind it',
    ],
    [
      'repeated lines without end in sight',
      '00000000  00 11  |..|\n*\nfffffff0',
      'line 2: packet has more than 262144 bytes',
    ],
    [
      'an element that is no byte',
      '{ 0x00, 0x100 }',
      'line 1, column 9: "0x100" does not fit into a byte',
    ],
    ['an open string', 'p = "\\x00', 'line 1, column 5: string has no closing "'],
    ['an unknown escape', '"\\x00\\q"', 'line 1, column 6: "\\\\q" is not an escape'],
    ['a letter of many bytes', '"\\x00é"', 'line 1, column 6: "é" is not a byte'],
    ['a sentence', 'this is not a packet', 'line 1: is words, not bytes'],
  ])('%s', (_title, text, message) => {
    expect(() => readPacketText(text)).toThrow(InputError);
    expect(() => readPacketText(text)).toThrow(message);
  });

  test('too much', () => {
    expect(() => readPacketText('00 '.repeat(300_000))).toThrow(
      'packet has more than 262144 bytes',
    );
    expect(() => readPacketText(' '.repeat(5_000_000))).toThrow('has 5000000 characters');
  });
});

test.each([
  ['exit', false],
  ['r0 = *(u8 *)(r1 + 0x0)', false],
  ['0:\tb7 00 00 00 01 00 00 00\tr0 = 0x1', false],
  ['hello world', false],
  ['helloworldthisisone', false],
  ['00 11 22', true],
  ['', false],
])('%j looks like a packet: %s', (text, expected) => expect(looksLikePacket(text)).toBe(expected));

const bytes = fc.uint8Array({ minLength: 15, maxLength: 80 });
const letters = fc
  .array(fc.constantFrom(...'0123456789abcdef .|*'), { minLength: 1, maxLength: 60 })
  .map((list) => Uint8Array.from(list, (char) => char.charCodeAt(0)));
const pair = (byte: number) => byte.toString(16).padStart(2, '0');
const ascii = (line: Uint8Array) =>
  [...line].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
const rows = (data: Uint8Array) =>
  Array.from({ length: Math.ceil(data.length / 16) }, (_, i) => data.subarray(16 * i, 16 * i + 16));

const WRITERS: [string, (data: Uint8Array) => string][] = [
  ['hex', (data) => [...data].map(pair).join(' ')],
  ['C', (data) => `{ ${[...data].join(', ')} }`],
  ['strings', (data) => `"${[...data].map((byte) => `\\x${pair(byte)}`).join('')}"`],
  [
    'Wireshark',
    (data) =>
      rows(data)
        .map(
          (row, i) =>
            `${(16 * i).toString(16).padStart(4, '0')}  ` +
            `${[...row].map(pair).join(' ').padEnd(47)}   ${ascii(row)}`,
        )
        .join('\n'),
  ],
  [
    'Wireshark, trimmed',
    (data) =>
      rows(data)
        .map((row, i) =>
          (
            `${(16 * i).toString(16).padStart(4, '0')}  ` +
            `${[...row].map(pair).join(' ').padEnd(47)}   ${ascii(row)}`
          ).trimEnd(),
        )
        .join('\n'),
  ],
];

describe('every dialect', () => {
  test.each(WRITERS)('%s reads back', (_name, write) => {
    fc.assert(
      fc.property(fc.oneof(bytes, letters), (data) => {
        expect(toHex(readPacketText(write(data)).packets[0].bytes)).toBe(toHex(data));
      }),
      { numRuns: 150 },
    );
  });

  test.each(WRITERS)('%s, changed anywhere, is read or refused', (_name, write) => {
    const edit = fc.tuple(
      fc.nat(400),
      fc.nat(6),
      fc.string({
        unit: fc.constantFrom(...'0123456789abcdefx{}[]",\\\'*/#|:.- \n\t=g'),
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(bytes, fc.array(edit, { minLength: 1, maxLength: 3 }), (data, edits) => {
        let text = write(data);
        for (const [at, count, insert] of edits)
          text = text.slice(0, at) + insert + text.slice(at + count);
        readOrRefuse(text);
      }),
      { numRuns: 300 },
    );
  });

  test('any text is read or refused', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), readOrRefuse), {
      numRuns: 300,
    });
  });
});

function readOrRefuse(text: string): void {
  try {
    for (const packet of readPacketText(text).packets)
      expect(packet.bytes.length).toBeLessThanOrEqual(256 * 1024);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
  }
}

test.each([
  ['comment starts', '/*'.repeat(2_000_000)],
  ['quotes', `\\x0${'"'.repeat(2_000_000)}`],
  ['backslashes', `"${'\\x'.repeat(1_000_000)}`],
  ['braces', '{'.repeat(4_000_000)],
  ['empty arrays', '{0}'.repeat(1_300_000)],
  ['single digits', '1 '.repeat(2_000_000)],
  ['one line of a dump', `0000  ${'61 '.repeat(1_000_000)}`],
  ['widest rows', `0000  ${'61 '.repeat(255)}61   ${'61'.repeat(100)}\n`.repeat(3500)],
  ['short rows', '0000  61   61\n'.repeat(290_000)],
  ['repeated rows', `00000000  ${'00 '.repeat(16)}\n*\n00040000\n`.repeat(50_000)],
  ['strings', '"\\x00";'.repeat(550_000)],
  ['offsets', '0000:\n'.repeat(650_000)],
  ['one word of a dump', `0000  ${'61'.repeat(2_000_000)}`],
  ['one stream', 'ab'.repeat(250_000)],
  ['one long token', 'z'.repeat(4_000_000)],
  ['white space', `AbC/${' '.repeat(4_000_000)}AbC/`],
  ['plus signs', `"\\x00"${' +'.repeat(2_000_000)}"\\x00"`],
  ['base64', 'AbC/'.repeat(1_000_000)],
])(
  // Half a second alone: in a time that grows with the square they would take hours.
  '4 MB of %s end',
  { timeout: 20_000 },
  (_name, text) => readOrRefuse(text.slice(0, 4 * 1024 * 1024)),
);
