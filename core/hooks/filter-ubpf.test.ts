import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { address } from '../memory/memory.ts';
import { inputsFor } from '../session/inputs.ts';
import { openSession, run, session } from '../testing/run.ts';

/**
 * Series "Introduce QEMU userspace ebpf support" (2022): its seed program and its demo object, and
 * how its filter takes frames.
 */
const seed = readFileSync(join(import.meta.dirname, '../../public/examples/seed-filter/program.o'));
const ETHERNET = '525400123456525400654321';
const IP = (destination: string) =>
  `450000280001400040062ecb0a000002${destination}9c40005000000001000000005002faf0f5270000`;

const open = (frame: string, options: [string, string][] = []) =>
  openSession({
    ...inputsFor('ip_dst.o', new Uint8Array(seed)),
    packets: [{ name: 'p', bytes: fromHex(frame)! }],
    options,
  });

describe('the seed filter', () => {
  test.each([
    [
      'drops 1.1.1.1',
      `${ETHERNET}0800${IP('01010101')}`,
      [],
      { name: 'drop', action: 'drop', code: 1 },
    ],
    [
      'passes 8.8.8.8',
      `${ETHERNET}0800${IP('08080808')}`,
      [],
      { name: 'pass', action: 'pass', code: 0 },
    ],
    [
      'with ip-mode=off looks at the wrong bytes and passes',
      `${ETHERNET}0800${IP('01010101')}`,
      [['ip-mode', 'off']],
      { name: 'pass' },
    ],
  ] as [string, string, [string, string][], object][])('%s', (_title, frame, options, verdict) =>
    expect(open(frame, options).outcome!.verdict).toMatchObject(verdict),
  );
  test('r1 points at the IP header and r2 is 20, whatever the frame', () => {
    const { machine } = open(`${ETHERNET}0800${IP('01010101')}`);
    expect(machine!.registers[2]).toBe(20n);
    expect(machine!.registers[1]).toBe(address(machine!.packet.region, 14));
  });
  test('with ip-mode=off r1 points at the frame and r2 is its length', () => {
    const { machine } = open(`${ETHERNET}0800${IP('01010101')}`, [['ip-mode', 'off']]);
    expect(machine!.registers[2]).toBe(54n);
    expect(machine!.registers[1]).toBe(address(machine!.packet.region));
  });
});

describe('frames that bypass the program, in both modes', () => {
  const frames: [string, string, RegExp][] = [
    ['an empty frame', '', /empty/],
    ['less than an Ethernet header', ETHERNET, /has 12 bytes/],
    ['an 802.1Q tag', `${ETHERNET}8100000108000000${IP('01010101')}`, /802\.1Q/],
    ['ARP', `${ETHERNET}0806${'00'.repeat(28)}`, /EtherType 0x0806/],
    ['IPv6', `${ETHERNET}86dd60${'00'.repeat(39)}`, /EtherType 0x86dd/],
    [
      'an IP header longer than the frame',
      `${ETHERNET}08004f${'00'.repeat(30)}`,
      /says 60 bytes, 31 are there/,
    ],
  ];
  test.each(frames)('%s', (_title, frame, reason) => {
    for (const mode of ['on', 'off']) {
      const { outcome } = open(frame, [['ip-mode', mode]]);
      expect(outcome).toMatchObject({
        ran: false,
        steps: 0,
        verdict: { name: 'pass', action: 'pass' },
      });
      expect(outcome!.verdict.reason).toMatch(reason);
      expect(outcome!.verdict.code).toBeUndefined();
    }
  });
  test('an IP header shorter than 20 bytes does run', () =>
    expect(open(`${ETHERNET}080041${'00'.repeat(19)}`).outcome!.ran).toBe(true));
  test('QinQ runs, with the IP header behind both tags', () => {
    const { machine, outcome } = open(`${ETHERNET}88a8000181000002${'0800'}${IP('01010101')}`);
    expect(outcome).toMatchObject({ ran: true, verdict: { name: 'drop' } });
    expect(machine!.registers[1]).toBe(address(machine!.packet.region, 22));
  });
  test.each([
    ['rx', 'to-guest', false],
    ['tx', 'to-guest', true],
    ['rx', 'from-guest', true],
    ['tx', 'from-guest', false],
    ['all', 'from-guest', true],
  ])('queue=%s sees a packet %s: %s', (queue, direction, ran) => {
    expect(
      open(`${ETHERNET}0800${IP('01010101')}`, [
        ['queue', queue],
        ['direction', direction],
      ]).outcome!.ran,
    ).toBe(ran);
  });
});

describe('the verdict looks at all 64 bits of r0', () => {
  const frame = `${ETHERNET}0800${IP('01010101')}`;
  const verdict = (source: string) => run(source, { hook: 'filter-ubpf', packet: frame }).verdict;
  test('any value but 0 drops', () => {
    expect(verdict('r0 = 2; exit')).toMatchObject({ name: 'drop' });
    expect(verdict('r0 = -1; exit')).toMatchObject({ name: 'drop', code: -1 });
    expect(verdict('r0 = 0; exit')).toMatchObject({ name: 'pass' });
  });
  test("the series' demo object shifts into the upper half: dropped, with a warning", () => {
    const raw = {
      ...inputsFor('demo_ubpf', fromHex('611000000000000067000000010000009500000000000000')!),
      hook: 'filter-ubpf' as const,
    };
    const { outcome } = openSession({
      ...raw,
      options: [['ip-mode', 'off']],
      packets: [{ name: 'p', bytes: fromHex(`00000080${frame.slice(8)}`)! }],
    });
    expect(outcome!.r0).toBe(0x1_0000_0000n);
    expect(outcome!.verdict).toMatchObject({
      name: 'drop',
      warning: expect.stringMatching(/low 32 bits/),
    });
  });
  test('a fault drops', () =>
    expect(verdict('r1 = 0; r0 = *(u8 *)(r1 + 0); exit')).toMatchObject({
      name: 'drop',
      action: 'drop',
      reason: expect.stringMatching(/faulted/),
    }));
  test('loads past the 20 bytes reach the frame as with the JIT, or fault when asked to', () => {
    const source = 'r0 = *(u8 *)(r1 + 20); exit';
    expect(run(source, { hook: 'filter-ubpf', packet: frame }).r0).toBe(0x9cn);
    expect(
      run(source, { hook: 'filter-ubpf', packet: frame, options: [['bounds', '20-bytes']] }).fault,
    ).toMatchObject({
      kind: 'out-of-bounds',
      message: 'instruction 0 reads 1 byte at packet+34, the packet has 20 bytes from packet+14',
    });
  });
  test('what the program writes stays in its copy: the frame goes on as it came', () => {
    const opened = session('*(u8 *)(r1 + 0) = 0xff; r0 = 0; exit', {
      hook: 'filter-ubpf',
      packet: frame,
    });
    expect(toHex(opened.outcome!.packetOut)).toBe(frame);
  });
});

describe('its six helpers', () => {
  test.each([
    ['gather_bytes', 'r1 = 1; r2 = 2; r3 = 3; r4 = 4; r5 = 5; call 0; exit', 0x0102030405n],
    [
      'memfrob',
      '*(u64 *)(r10 - 8) = 0; r1 = r10; r1 += -8; r2 = 2; call 1; r0 = *(u64 *)(r10 - 8); exit',
      0x2a2an,
    ],
    ['sqrti', 'r1 = 81; call 3; exit', 9n],
    [
      'strcmp_ext, equal',
      '*(u64 *)(r10 - 8) = 0x6162; r1 = r10; r1 += -8; r2 = r1; call 4; exit',
      0n,
    ],
    ['unwind ends the program where it is given 0', 'r1 = 0; call 5; r0 = 2; exit', 0n],
    ['unwind goes on else', 'r1 = -1; call 5; r0 = 2; exit', 2n],
  ])('%s', (_title, source, r0) =>
    expect(
      run(source, { hook: 'filter-ubpf', packet: `${ETHERNET}0800${IP('01010101')}` }).r0,
    ).toBe(r0),
  );
});
