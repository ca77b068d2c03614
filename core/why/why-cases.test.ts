import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { Explanation } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, type Session } from '../session/session.ts';
import { openSession } from '../testing/run.ts';
import { explainResult } from './why.ts';

const FOLDER = 'core/testdata/why';
const packets = JSON.parse(readFileSync(`${FOLDER}/packets.json`, 'utf8')) as Record<
  string,
  string[]
>;

function opened(
  object: string,
  compiler: number,
  program: string,
  packet: string,
  index = 0,
): Session {
  const name = `${object}-clang${compiler}.o`;
  const list = packets[packet].map((hex, i) => ({ name: `${i}`, bytes: fromHex(hex)! }));
  const bytes = new Uint8Array(readFileSync(`${FOLDER}/${name}`));
  return openSession({ ...inputsFor(name, bytes), program, packets: list, packet: index });
}

const why = (session: Session): Explanation => finish(explainResult(session, undefined));

/**
 * What comes behind the verdict, without where it was compared: compilers put that at other
 * instructions.
 */
const reasonsOf = ({ text, more }: Explanation): string =>
  [text.replace(/\.$/, ''), ...more]
    .join('; ')
    .concat('.')
    .replace(/^.*?\(\d+\)[^:]*: /, '')
    .replaceAll(/, compared (at [\w-]+\.c:\d+|by instruction \d+)/g, '');

/** `what is needed -> what it comes to`, but for the length. */
const neededOf = ({ branches, value }: Explanation): string[] =>
  [...branches.map(({ change }) => change), value?.change].flatMap((change) =>
    change === undefined || change.length !== undefined
      ? []
      : [`${change.needed} -> ${change.verdict.replace(/^.*: /, '')}`],
  );

type Row = readonly [
  program: string,
  packet: string,
  index: number,
  reasons: string,
  needed?: readonly string[],
];

const CASES: Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>> = {
  'why-length-instead-of-context': {
    verdicts: [
      ['ifx', 'udp', 0, 'ingress_ifindex is 1.', []],
      ['rnd', 'udp', 0, 'the random number is 0x42021.', []],
      [
        'gl',
        'udp',
        0,
        'dynamic (global) was 3; udp.dstport (bytes 36 to 37) is 53 and cfg (constant) is 53.',
        ['udp.dstport other than 53 -> XDP_PASS (2)'],
      ],
      [
        'gl',
        'udp',
        2,
        'dynamic (global) was 1; udp.dstport (bytes 36 to 37) is 53 and cfg (constant) is 53.',
        ['udp.dstport other than 53 -> XDP_PASS (2)'],
      ],
      [
        'lens',
        'udp',
        0,
        "ip.len (bytes 16 to 17) is 49 bytes and the packet's length is 63 bytes.",
        ['ip.len other than 49 bytes -> XDP_DROP (1)'],
      ],
      ['state', 'udp', 0, 'seen[10.0.0.1] was not there; ip.src (bytes 26 to 29) is 10.0.0.1.', []],
    ],
    surroundings: [
      ['mark', 'udp', 0, 'mark is 0.', []],
      ['nomk', 'udp', 0, 'mark is 0.', []],
      ['prot', 'udp', 0, 'eth.type (bytes 12 to 13) is IPv4 (0x0800).'],
      ['len', 'udp', 0, "the packet's length is 63 bytes.", []],
      ['time', 'udp', 0, 'the clock is 1000000005.', []],
      ['cpu', 'udp', 0, 'the CPU is 0.', []],
      ['vlan', 'udp', 0, 'vlan_present is 0.', []],
      ['csum', 'udp', 0, 'bpf_skb_store_bytes gave -14 (EFAULT).', []],
      ['glob', 'udp', 0, 'it comes from tick (global), which was 0.', []],
    ],
  },
  'why-dataflow-left-out': {
    verdicts: [
      [
        'tab',
        'udp',
        0,
        'it comes from ip.dsfield (byte 15) under mask 0x07, which is 0x00; tab.act (constant), ' +
          'which is [ 2, 2, 1, 2, 3, 2, 2, 2 ].',
        ['ip.dsfield such as 0x02 -> XDP_DROP (1)'],
      ],
    ],
    surroundings: [
      [
        'redir',
        'udp',
        0,
        'it comes from ip.ttl (byte 22) under mask 0x03, which is 0x00.',
        ['ip.ttl such as 65 -> TC_ACT_REDIRECT (7) to interface 1'],
      ],
      [
        'mapv',
        'udp',
        0,
        'it comes from act[1], which was 0; ip.proto (byte 23) is UDP (17).',
        ['ip.proto other than UDP (17) -> TC_ACT_OK (0)'],
      ],
    ],
  },
  'why-flags-by-byte': {
    verdicts: [
      [
        'flags',
        'tcp',
        0,
        'tcp.flags.ack (byte 47) is not set and tcp.flags.syn (byte 47) is set.',
        ['tcp.flags.syn not set -> XDP_PASS (2)'],
      ],
      [
        'flags',
        'tcp',
        1,
        'tcp.flags.ack (byte 47) is set and tcp.flags.syn (byte 47) is not set.',
        ['tcp.flags.ack not set, tcp.flags.syn set -> XDP_DROP (1)'],
      ],
      [
        'synonly',
        'tcp',
        0,
        'tcp.flags.ack (byte 47) is not set and tcp.flags.syn (byte 47) is set.',
        ['tcp.flags.syn not set -> XDP_PASS (2)'],
      ],
      [
        'frag',
        'udp',
        0,
        'ip.frag_offset (bytes 20 to 21) is 0 bytes.',
        ['ip.frag_offset other than 0 bytes -> XDP_DROP (1)'],
      ],
      [
        'frag',
        'fragment',
        0,
        'ip.frag_offset (bytes 20 to 21) is 8 bytes.',
        ['ip.frag_offset 0 bytes -> XDP_PASS (2)'],
      ],
    ],
  },
  'why-loaded-blob': {
    copies: [
      [
        'cpyl',
        'udp',
        0,
        'ip.proto (byte 23) is UDP (17).',
        ['ip.proto other than UDP (17) -> XDP_PASS (2)'],
      ],
      [
        'cpy',
        'udp',
        0,
        'ip.proto (byte 23) is UDP (17).',
        ['ip.proto other than UDP (17) -> XDP_PASS (2)'],
      ],
      [
        'cpy8',
        'udp',
        0,
        'ip.proto (byte 23) is UDP (17).',
        ['ip.proto other than UDP (17) -> XDP_PASS (2)'],
      ],
      [
        'spill',
        'udp',
        0,
        'ip.proto (byte 23) is UDP (17).',
        ['ip.proto other than UDP (17) -> XDP_PASS (2)'],
      ],
    ],
    helpers: [
      [
        'lb4',
        'udp',
        0,
        'ip.proto (byte 23) is UDP (17); ip.dst (bytes 30 to 33) is in 10.0.0.0/8.',
        [
          'ip.dst outside 10.0.0.0/8 -> TC_ACT_OK (0)',
          'ip.proto other than UDP (17) -> TC_ACT_OK (0)',
        ],
      ],
      [
        'st2',
        'udp',
        0,
        'ip.dsfield (byte 15) is 0x00.',
        ['ip.dsfield other than 0x00 -> TC_ACT_OK (0)'],
      ],
    ],
  },
  'why-other-than-partial-field': {
    verdicts: [
      [
        'mask',
        'mask',
        0,
        'ip.src (bytes 26 to 29) is in 10.0.0.0/8.',
        ['ip.src outside 10.0.0.0/8 -> XDP_PASS (2)'],
      ],
      [
        'mask',
        'mask',
        1,
        'ip.src (bytes 26 to 29) is in 10.0.0.0/8.',
        ['ip.src outside 10.0.0.0/8 -> XDP_PASS (2)'],
      ],
      [
        'v6w',
        'v6',
        0,
        'ipv6.dst (bytes 38 to 53) is in fd00::/32.',
        ['ipv6.dst outside fd00::/32 -> XDP_PASS (2)'],
      ],
      [
        'v6w',
        'v6',
        1,
        'ipv6.dst (bytes 38 to 53) is in fd00::/32.',
        ['ipv6.dst outside fd00::/32 -> XDP_PASS (2)'],
      ],
      [
        'mac',
        'mac',
        0,
        'eth.src (bytes 6 to 7) is 0x0200; eth.dst (byte 0) under mask 0x01 is 0x00.',
        [
          'eth.dst (byte 0) under mask 0x01 0x01 -> XDP_DROP (1)',
          'eth.src (bytes 6 to 7) other than 0x0200 -> XDP_PASS (2)',
        ],
      ],
      [
        'maskn',
        'mask',
        0,
        'ip.src (bytes 26 to 29) is in 10.0.0.0/16.',
        ['ip.src in 192.168.0.0/16 -> XDP_PASS (2)'],
      ],
      [
        'maskn',
        'nat',
        0,
        'ip.src (bytes 26 to 29) is in 192.168.0.0/16.',
        ['ip.src outside 192.168.0.0/16 -> XDP_DROP (1)'],
      ],
    ],
  },
  'why-padding-invisible': {
    padding: [
      [
        'pad',
        'padding',
        0,
        'conns[{ ip: 16777226, port: 80, proto: 17 (UDP) }] was not there (byte 7 of the key is ' +
          'padding nobody wrote here), map conns counts as it was, ip.proto (byte 23) is UDP ' +
          '(17) and 1 more; ip.src (bytes 26 to 29) is 10.0.0.1.',
      ],
    ],
  },
  'why-provenance-lost': {
    moves: [
      ['t_room_net', 'udp', 0, 'ip.proto (byte 23) is UDP (17).'],
      ['t_room_net2', 'udp', 0, 'udp.dstport (byte 37) is 0x35.'],
      ['t_room_mac', 'udp', 0, 'ip.proto (byte 23) is UDP (17).'],
      ['t_push2', 'udp', 0, 'ip.proto (byte 23) is UDP (17).'],
      ['t_proto', 'udp', 0, 'udp.dstport (byte 37) is 0x35.'],
      ['t_l3', 'udp', 0, 'ip.checksum (bytes 24 to 25) is 0x5486.'],
      ['t_l4', 'udp', 0, 'udp.checksum (bytes 40 to 41) is 0xd6e8.'],
      ['t_hash', 'udp', 0, 'ip.ttl (byte 22) is 64.'],
      ['t_len', 'udp', 0, 'ip.ttl (byte 22) is 64.'],
      ['x_head', 'udp', 0, 'ip.proto (byte 23) is UDP (17).'],
    ],
    helpers: [['adj', 'udp', 0, 'ip.proto (byte 23) is UDP (17).']],
  },
};

describe.each(Object.entries(CASES))('%s', (_case, objects) => {
  const rows = Object.entries(objects).flatMap(([object, programs]) =>
    programs.map((row) => ({ object, row })),
  );
  test.each(rows)('$object.c: $row.0 with packet $row.1 $row.2', ({ object, row }) => {
    const [program, packet, index, reasons, needed] = row;
    for (const compiler of [19, 14]) {
      const found = why(opened(object, compiler, program, packet, index));
      expect([compiler, reasonsOf(found)]).toEqual([compiler, reasons]);
      if (needed) expect([compiler, neededOf(found)]).toEqual([compiler, needed]);
    }
  });
});

test('a comparison is said with its line, and one decides where many took part', () => {
  expect(why(opened('verdicts', 19, 'ifx', 'udp')).text).toBe(
    'XDP: XDP_DROP (1): ingress_ifindex is 1, compared at verdicts.c:17.',
  );
  const { text, more } = why(opened('verdicts', 19, 'loop', 'udp'));
  expect(text).toBe('XDP: XDP_PASS (2): data (byte 58) is 0x20, compared at verdicts.c:22.');
  expect(more).toHaveLength(17);
});

/** The packet with every bit turned over that was not named. */
function withoutNamed(frame: Uint8Array, { causes }: Explanation): Uint8Array {
  const made = frame.map((byte) => byte ^ 0xff);
  const named = causes.filter(({ kind }) => kind === 'packet');
  const bits = new Map<number, number>();
  for (const { offset, bits: mask } of named) bits.set(offset!, (bits.get(offset!) ?? 0) | mask!);
  for (const [at, mask] of bits) made[at] = (frame[at] & mask) | (made[at] & ~mask);
  return made;
}

describe('why-provenance-lost: every byte behind a helper that moves or patches bytes', () => {
  const { programs } = opened('every-byte', 19, 'rn8', 'select4').object;
  const packetFor = (program: string): string =>
    program === 'vpop' ? 'selectVlan' : program === 'cp4' ? 'select6' : 'select4';
  test.each(programs.map(({ name }) => name))('%s', (program) => {
    const session = opened('every-byte', 19, program, packetFor(program));
    for (let selected = 0; selected < 62; selected += 4) {
      const bytes = session.frame.slice();
      bytes[0] = selected;
      const before = openSession({ ...session.inputs, packets: [{ name: 'selected', bytes }] });
      const changed = withoutNamed(bytes, why(before));
      expect(changed).not.toEqual(bytes);
      const after = openSession({
        ...session.inputs,
        packets: [{ name: 'changed', bytes: changed }],
      });
      expect([selected, after.outcome!.verdict.text]).toEqual([
        selected,
        before.outcome!.verdict.text,
      ]);
    }
  });
});
