import { describe, expect, test } from 'vitest';
import type { StackRow } from '../../../core/packet/types.ts';
import { payloadOf, payloadText } from './payload.ts';
import {
  additionsBehind,
  canMove,
  moved,
  optionsFor,
  withAddition,
  withOption,
  without,
  withoutOption,
  withPayload,
} from './stack.ts';

const row = (header: StackRow['header'], more: Partial<StackRow> = {}): StackRow => ({
  header,
  label: header,
  text: '',
  size: 4,
  ...more,
});
const OPTIONS = [
  { label: 'Maximum segment size', text: '1460' },
  { label: 'Window scale', text: '7' },
];
const ROWS = [row('ethernet'), row('ipv4'), row('tcp', { options: OPTIONS }), row('padding')];
const labels = (index: number, rows = ROWS): string[] =>
  additionsBehind(rows, index).map(({ label }) => label);

describe('what may stand behind a header', () => {
  test('is what it has a number for', () => {
    expect(labels(0)).toContain('VLAN');
    expect(labels(0)).not.toContain('UDP');
    expect(labels(1)).toContain('TCP, SYN ACK');
    expect(labels(1)).toContain('GRE, with a key');
    expect(labels(1)).not.toContain('Fragment, the only one');
  });
  test('is data where no header follows, and nothing behind data or padding', () => {
    expect(labels(2)).toEqual(['Data']);
    expect(labels(1)).not.toContain('Data');
    expect(labels(3)).toEqual([]);
    expect(labels(0, [row('data')])).toEqual([]);
  });
  test('is Ethernet at the beginning', () => expect(labels(-1, [])).toEqual(['Ethernet']));
});

test('a header more, one less, one further on', () => {
  const [tag] = additionsBehind(ROWS, 0).filter(({ label }) => label === 'VLAN');
  const keep = (...numbers: number[]) => numbers.map((number) => ({ keep: number }));
  expect(tag && withAddition(ROWS, 0, tag)).toEqual([
    { keep: 0 },
    { header: 'vlan', variant: 0 },
    ...keep(1, 2, 3),
  ]);
  expect(without(ROWS, 1)).toEqual(keep(0, 2, 3));
  expect(moved(ROWS, 1, 1)).toEqual(keep(0, 2, 1, 3));
  expect(moved(ROWS, 1, -1)).toEqual(keep(1, 0, 2, 3));
  expect([-1, 1].map((by) => canMove(ROWS, 2, by as 1))).toEqual([true, false]);
  expect(canMove(ROWS, 0, -1)).toBe(false);
});

test('options of a header', () => {
  expect(optionsFor('tcp').map(({ label }) => label)).toContain('SACK permitted');
  expect(optionsFor('padding')).toEqual([]);
  expect(optionsFor('udp')).toEqual([]);
  expect(withOption(ROWS, 2, 4).at(2)).toEqual({
    keep: 2,
    options: [{ keep: 0 }, { keep: 1 }, { type: 4 }],
  });
  expect(withoutOption(ROWS, 2, 0).at(2)).toEqual({ keep: 2, options: [{ keep: 1 }] });
});

test('data is typed as hex or in quotes', () => {
  expect(payloadText(Uint8Array.of(0x68, 0x69))).toBe('68 69');
  expect(payloadOf('68 69')).toEqual(Uint8Array.of(0x68, 0x69));
  expect(payloadOf('"hi"')).toEqual(Uint8Array.of(0x68, 0x69));
  expect(payloadOf('hi')).toMatch(/hex/);
  expect(payloadOf('')).toEqual(new Uint8Array());
  expect(withPayload(ROWS, 2, Uint8Array.of(1)).at(2)).toEqual({ payload: Uint8Array.of(1) });
});
