import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { filteredPackets, filterTexts } from '../../testing/filters.ts';
import { flatten } from '../../testing/tshark.ts';
import { dissect } from '../dissect.ts';
import { rowOf } from '../headers/layer.ts';
import { FILTER_FIELDS } from './fields.ts';
import { compileFilter, completeFilter, isMeantAsFilter } from './filter.ts';
import type { FilterValue } from './row-value.ts';
import { type FilterSubject, orderOf } from './values.ts';

const SYN = fromHex(
  '020000000002020000000001080045000028000040004006b1fd0a000001010101019c4000500000000100000000' +
    '5002ffff00000000',
)!;
const DROPPED: FilterSubject = {
  number: 7,
  bytes: SYN,
  link: 'ethernet',
  length: 1514,
  timestamp: 1_700_000_002_500_000_000n,
  firstTimestamp: 1_700_000_000_000_000_000n,
  verdict: { name: 'XDP_DROP', action: 'drop' },
  steps: 12,
};

const matches = (filter: string, subject = DROPPED) => compileFilter(filter).matches(subject);

function refusal(filter: string): string {
  try {
    compileFilter(filter);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'is a filter';
}

describe('what became of a packet can be asked for', () => {
  test.each([
    ['verdict == "XDP_DROP"', true],
    ['verdict == XDP_DROP and tcp.dstport == 80', true],
    ['verdict != "XDP_DROP"', false],
    ['verdict in {"XDP_PASS", "XDP_TX"}', false],
    ['verdict.action == drop', true],
    ['steps > 11 and steps <= 12', true],
    ['fault', false],
    ['frame.number == 7 and frame.len > 1500 and frame.cap_len == 54', true],
    ['frame.time_relative == 2.5', true],
    ['frame.time_epoch == 1700000002.5', true],
    ['frame.time_epoch > 1700000002.499999999', true],
  ])('%s', (filter, expected) => expect(matches(filter)).toBe(expected));

  test('a packet that did not run, of a capture without times, has none of it', () => {
    const subject: FilterSubject = { number: 1, bytes: SYN, link: 'ethernet', length: 54 };
    for (const field of ['verdict', 'steps', 'fault', 'frame.time_epoch', 'frame.time_relative'])
      expect(matches(field, subject)).toBe(false);
    expect(matches('fault contains "outside"', { ...subject, fault: 'read outside' })).toBe(true);
  });

  test('a filter says whether its answer changes as packets run', () => {
    expect(compileFilter('tcp or steps > 3').needsOutcome).toBe(true);
    expect(compileFilter('tcp or frame.number > 3').needsOutcome).toBe(false);
  });
});

// As tshark answers, but for [0-0] and [0--1], whose bytes Wireshark 4.0 does not take.
test.each<[string, boolean]>([
  ['frame[0-0] == 02', true],
  ['frame[0--1] contains 02', true],
  ['frame[-3--1]', true],
  ['frame[2-0]', false],
  ['frame[1-0]', false],
  ['frame[3-2]', false],
  ['frame[-1--3]', false],
  ['frame[2:0]', false],
  ['frame[0:1]', true],
])('a slice has bytes: %s, %s', (filter, has) =>
  expect(refusal(filter) === 'is a filter').toBe(has),
);

test('a number in quotes is no number, as for tshark', () => {
  expect(refusal('tcp.dstport == "80"')).toContain('takes a number from 0 to 65535, not "80"');
  expect(matches('tcp.dstport == 80')).toBe(true);
  expect(matches('ip.proto == "TCP"')).toBe(true);
});

test('xor and ^^, which Wireshark 4.0 does not have, are one or the other', () => {
  expect(matches('tcp xor udp')).toBe(true);
  expect(matches('tcp ^^ ip')).toBe(false);
  expect(matches('tcp or ip xor ip')).toBe(true);
});

describe('an error says the column, what is wrong and what would fit', () => {
  test.each([
    ['', 'column 1: a field is missing at the end'],
    ['tcp and', 'column 8: a field is missing at the end'],
    ['ip.adr == 1.1.1.1', 'column 1: there is no field "ip.adr"; near it: ip.addr'],
    ['tcp.port = 80', 'column 10: "=" has no meaning here'],
    ['tcp.port == ', 'column 13: what tcp.port is compared with is missing'],
    ['tcp.port == http', 'column 13: tcp.port takes a number from 0 to 65535, not "http"'],
    ['tcp.port == 70000', 'column 13: tcp.port is a number from 0 to 65535, never 70000'],
    ['ip.ttl == 09', 'column 11: ip.ttl takes a number from 0 to 255, not "09"'],
    [
      'ip.src == ::1',
      'column 11: ip.src takes an IPv4 address like 10.0.0.1 or a network like 10.0.0.0/8, ' +
        'not "::1"',
    ],
    ['(tcp or udp', 'column 12: ")" is missing for the "(" of column 1'],
    ['tcp udp', 'column 5: "udp" cannot follow here: and, or, xor and their signs can'],
    [
      'ip.addr contains 0a',
      'column 9: ip.addr is an address: "contains" looks into bytes and texts',
    ],
    ['ip.ttl matches "6"', 'column 8: ip.ttl is a number: "matches" looks into bytes and texts'],
    ['ip.proto == tcp', 'column 13: tcp is bytes, ip.proto is a number: they cannot be compared'],
    ['tcp.flags[0]', 'column 10: tcp.flags is a number, slices are cut of bytes'],
    ['80 == tcp.port', 'column 1: there is no field "80"'],
    ['"a" == frame', 'column 1: a field stands on the left side, a text on the right'],
    ['frame contains "GET', 'column 16: this string has no end'],
    ['tcp.port in 80', 'column 13: "{" is missing in front of the values: {80, 443, 8000..8080}'],
    ['tcp.port in {80 443}', 'column 17: "}" is missing behind the values, or "," between them'],
    ['tcp.port in {9..5}', 'column 14: the ends of this range are in the wrong order'],
    ['max(tcp.port) > 3', 'column 1: max() is not read here: len, count, lower, upper are'],
    ['frame matches "(a"', 'column 18: ")" is missing'],
    ['frame matches "(a)\\1"', 'column 19: references to groups are not read here'],
    [
      'frame matches "(?=a)"',
      'column 17: looking ahead or behind is not read here: "(...)" and "(?:...)" are',
    ],
    ['frame matches "[\u007f]"', 'is a filter'],
    ['frame matches "[\u0080]"', 'column 17: "\u0080" is more than one byte, a set has bytes'],
    ['frame matches "[a-é]"', 'column 19: "é" is more than one byte, a set has bytes'],
    ['frame matches "[b-a]"', 'the ends of this range are in the wrong order'],
    ['frame matches "[a', 'has no end'],
    ['frame matches "[a"', '"]" is missing'],
    ['frame matches "[[:alpha:]]"', '"[:" is not read here'],
    ['frame matches get', 'column 15: matches takes a pattern in quotes: "get"'],
  ])('%s', (filter, message) => expect(refusal(filter)).toContain(message));

  test('nesting and length are bounded', () => {
    expect(refusal('('.repeat(500))).toContain('parts inside each other');
    expect(refusal('not '.repeat(500))).toContain('parts inside each other');
    expect(refusal('tcp or '.repeat(1000))).toContain('up to 4096 characters');
    expect(refusal(`frame matches "${'('.repeat(500)}"`)).toContain('groups inside each other');
    expect(refusal('frame matches "(a{1000}){1000}"')).toContain('too large');
    expect(refusal('frame matches "((((){1000}){1000}){1000}){1000}"')).toContain('too large');
  });
});

describe('patterns of matches take linear time', () => {
  test.each([
    ['^ab', 'xab', false],
    ['ab$', 'xAB', true],
    ['a.c', 'abc', true],
    ['a{2,3}b', 'aab', true],
    ['^a{2,3}b', 'aaaab', false],
    ['^(ab|cd)+$', 'abcdab', true],
    ['[^a-c]', 'abc', false],
    ['[]x]', ']', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['\\bfoo\\b', 'afoob', false],
    ['\\d+\\s\\w', '42 x', true],
    ['\\x41', 'a', true],
    ['^\\s{6}$', '\t\n\v\f\r ', true],
    ['[\\s]', '\b\x0e\x1f!', false],
    ['x*?y', 'xxy', true],
    ['', '', true],
    ['a||b', 'q', true],
  ])('/%s/ in %s', (pattern, text, expected) => {
    const bytes = new TextEncoder().encode(text);
    const subject = { number: 1, bytes, link: 'raw' as const, length: bytes.length };
    expect(matches(`frame matches r"${pattern}"`, subject)).toBe(expected);
  });

  test('one that would take years going back takes a moment', () => {
    const bytes = new TextEncoder().encode(`${'a'.repeat(60_000)}!`);
    const subject = { number: 1, bytes, link: 'raw' as const, length: bytes.length };
    expect(matches('frame matches "^(a+)+$"', subject)).toBe(false);
    expect(matches('frame matches "(a|a)*b"', subject)).toBe(false);
  });
});

test('every field of a dissection can be asked for, by the type of its bytes', () => {
  for (const { bytes } of filteredPackets())
    for (const node of flatten(dissect(bytes, 'ethernet').layers)) {
      // The records of a DNS message are numbered by us.
      if (/^dns\.record\.\d$/.test(node.name)) continue;
      const field = FILTER_FIELDS.get(node.name);
      expect(field, node.name).toBeDefined();
      if (rowOf(node) === undefined && node.children.length > 0)
        expect(['header', 'group'], node.name).toContain(field?.type);
    }
});

describe('a text is a filter, or words to look for', () => {
  test.each([
    ['tcp', true],
    ['ip.dst', true],
    ['ip.adr', true],
    ['tcp.port = 80', true],
    ['verdict contains', true],
    ['tcp and', true],
    ['not tcp', false],
    ['udp 53', false],
    ['10.0.0.1 udp 53', false],
    ['10.0.0.1', false],
    ['capture.pcap', false],
    ['drop', false],
    ['', false],
  ])('%s: %s', (text, expected) => expect(isMeantAsFilter(text)).toBe(expected));
});

describe('names are completed', () => {
  const names = (text: string, caret = text.length) =>
    completeFilter(text, caret).names.map(({ name }) => name);

  test('those that begin with what stands in front of the caret, headers first', () => {
    expect(names('tc')).toContain('tcp');
    expect(names('tc')[0]).toBe('tcp');
    expect(names('ip and tcp.dst')).toEqual(['tcp.dstport']);
    expect(names('verd')).toEqual(['verdict', 'verdict.action']);
  });
  test('in the middle of a text, with the characters they take the place of', () => {
    expect(completeFilter('ip.dstx == 1', 4)).toMatchObject({ from: 0, to: 7 });
    expect(completeFilter('!tcp.d', 6)).toMatchObject({ from: 1, to: 6 });
  });
  test.each(['', 'tcp ', 'tcp.port == t', 'tcp.port in {t', 'frame contains "tc', 'ip.proto eq t'])(
    'none in "%s"',
    (text) => expect(names(text)).toEqual([]),
  );
});

describe('any text is a filter or an InputError', () => {
  const pieces = fc.constantFrom(
    ...filterTexts().flatMap((filter) => filter.split(/(\s+|[()[\]{}"!=<>&|,.:]+)/)),
    ...['xor', '^^', '~', '"', "'", '[', '\\', '(?', '*', '{9}', '\0', '😀', '-1', '..'],
  );
  const subjects = filteredPackets()
    .slice(0, 80)
    .map(
      ({ bytes }, i): FilterSubject => ({
        ...DROPPED,
        number: i + 1,
        bytes,
      }),
    );
  const survives = (text: string) => {
    try {
      const { matches: test } = compileFilter(text);
      for (const subject of subjects) test(subject);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.place).toMatch(/^column \d+$/);
    }
    completeFilter(text, text.length >> 1);
    isMeantAsFilter(text);
  };
  test('of pieces of filters', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (some) => survives(some.join(''))),
      {
        numRuns: 1500,
      },
    );
  });
  test('of anything', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), survives), { numRuns: 500 });
    fc.assert(
      fc.property(fc.string(), (pattern) => survives(`frame matches r"${pattern}"`)),
      { numRuns: 500 },
    );
  });
});

test.each<[FilterValue, FilterValue, number]>([
  [1, 2, -1],
  [2, 2, 0],
  [3, 2, 1],
  ['a', 'b', -1],
  [Uint8Array.of(2, 0), Uint8Array.of(3, 0), -1],
  [Uint8Array.of(3, 0), Uint8Array.of(2, 9), 1],
  [Uint8Array.of(2, 8), Uint8Array.of(2, 9), -1],
  [Uint8Array.of(2, 9), Uint8Array.of(2, 9), 0],
  [Uint8Array.of(3), Uint8Array.of(2, 0), -1],
  [Uint8Array.of(), Uint8Array.of(0), -1],
  [Uint8Array.of(), Uint8Array.of(), 0],
])('%j against %j: bytes go by their number, then by the first that differs', (a, b, order) => {
  expect([Math.sign(orderOf(a, b)), Math.sign(orderOf(b, a)) + 0]).toEqual([order, 0 - order]);
});
