import { expect, test } from 'vitest';
import { expectationText, unmetText } from './expectation-words.ts';

test('what is not met says what was expected and what was seen, long bytes shortened', () => {
  const [fits, long] = ['0123456789abcdef'.repeat(4), `${'0123456789abcdef'.repeat(4)}ff`];
  expect(unmetText({ what: 'verdict', expected: 'XDP_DROP', seen: 'XDP_PASS' })).toBe(
    'verdict: expected XDP_DROP, seen XDP_PASS',
  );
  expect(unmetText({ what: 'map m[0]', expected: fits, seen: long })).toBe(
    `map m[0]: expected ${fits}, seen ${fits}...`,
  );
});

test('of packets the place where they part, or their lengths', () => {
  const packet = (hex: string, other: string) =>
    unmetText({ what: 'packet', expected: hex, seen: other });
  expect(packet('0011', '001122')).toBe('packet: expected 2 bytes, seen 3');
  expect(packet('00112233445566778899aa', '00112230445566778899bb')).toBe(
    'packet: expected 33445566778899aa from byte 3 on, seen 30445566778899bb',
  );
  expect(packet('10', '01')).toBe('packet: expected 10 from byte 0 on, seen 01');
});

test('what is expected, in few words', () => {
  const entry = { map: 'm', key: '00', value: '01' };
  expect(
    expectationText({ packet: 0, verdict: 'XDP_PASS', packetOut: '00', maps: [entry, entry] }),
  ).toBe('XDP_PASS, the packet that goes on, 2 map entries');
  expect(expectationText({ packet: 0, r0: '1', maps: [entry] })).toBe('r0 = 1, 1 map entry');
  expect(expectationText({ packet: 0, fault: 'out-of-bounds' })).toBe('the fault out-of-bounds');
  expect(expectationText({ packet: 0 })).toBe('');
});
