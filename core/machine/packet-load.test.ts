import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

const SYN =
  '00112233445566778899aabb08004500003c00004000400626b10a0000010a0000023039005000' +
  '0000010000000050022000000000000000000000000000000000000000000000000000';
const UDP =
  `020000000002020000000001080045000040123400004011547b0a0000010a00000203e80035002c` +
  `${'00'.repeat(40)}`;
const LL = -0x20_0000;
const NET = -0x10_0000;
const load = (offset: number, size = 32): string =>
  `r6 = r1; r0 = *(u${size} *)skb[${offset}]; exit`;

describe(
  'packet loads with link and network offsets (ld-abs-link-offset; Linux 6.18, ' +
    'kernel.txt of the report)',
  () => {
    test.each([
      ['socket_filter', 'SKF_LL_OFF+26', LL + 26, 0xa000001n],
      ['socket_filter', 'SKF_LL_OFF+0', LL, 0x112233n],
      ['socket_filter', 'SKF_NET_OFF+12', NET + 12, 0xa000001n],
      ['socket_filter', 'SKF_NET_OFF-14', NET - 14, 0n],
      ['socket_filter', '12', 12, 0xa000001n],
      ['socket_filter', 'SKF_LL_OFF+71', LL + 71, 0n],
      ['tc', 'SKF_LL_OFF+26', LL + 26, 0xa000001n],
      ['tc', 'SKF_LL_OFF+0', LL, 0x112233n],
      ['tc', 'SKF_NET_OFF+12', NET + 12, 0xa000001n],
      ['tc', 'SKF_NET_OFF-14', NET - 14, 0n],
      ['tc', '12', 12, 0x8004500n],
      ['tc', 'SKF_LL_OFF+71', LL + 71, 0n],
    ] as const)('%s, skb[%s]', (hook, _name, offset, r0) => {
      const options: [string, string][] = hook === 'socket_filter' ? [['start', 'network']] : [];
      expect(run(load(offset), { hook, packet: SYN, options })).toMatchObject({
        r0,
        fault: undefined,
      });
    });

    test.each([
      ['the protocol of the network header', NET + 9, 17n],
      ['its first byte', NET, 0x45n],
      ['the byte behind the Ethernet header', LL + 14, 0x45n],
      ['the protocol, counted from the link header', LL + 23, 17n],
      ['the low byte of the UDP length', 5, 0x2cn],
    ])(
      "of a UDP socket's filter, whose data starts at the UDP header: %s",
      (_title, offset, r0) => {
        const options: [string, string][] = [['start', 'transport']];
        expect(run(load(offset, 8), { hook: 'socket_filter', packet: UDP, options }).r0).toBe(r0);
      },
    );

    test.each([
      ['the last byte that is there', 'r0 = *(u8 *)skb[73]; r0 += 7; exit', 7n],
      ['one behind it ends the program with 0', 'r0 = *(u8 *)skb[74]; r0 += 7; exit', 0n],
      ['half of a word behind it', 'r0 = *(u16 *)skb[73]; r0 += 7; exit', 0n],
      ['a register adds to the offset', 'r2 = 10; r0 = *(u16 *)skb[r2 + 2]; exit', 0x800n],
      ['network byte order', 'r0 = *(u16 *)skb[12]; exit', 0x800n],
      ['ancillary data is nothing that is here', `r0 = *(u32 *)skb[${-0x1000}]; r0 += 7; exit`, 0n],
    ])('%s', (_title, source, r0) =>
      expect(run(`r6 = r1; ${source}`, { hook: 'tc', packet: SYN }).r0).toBe(r0),
    );
  },
);
