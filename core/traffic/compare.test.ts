import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { JIT } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { session } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';
import { Comparison, type Side } from './compare.ts';
import { comparisonReport } from './compare-report.ts';
import { partingOf } from './parting.ts';

/** A side of its own memory, of what a session is made of. */
function sideOf(name: string, { inputs, object }: Session, engine?: Engine): Side {
  const linear = new WebAssembly.Memory({ initial: 1 });
  const made = new Session({ ...inputs, packets: [], packet: 0, step: 0 }, linear, object);
  if (engine) made.runBy(engine);
  made.load(2048);
  return { name, session: runnableSession(made) };
}

const xdp = (source: string) => session(source, { hook: 'xdp', packet: '00' });
const frames = (...hex: string[]): Uint8Array[] => hex.map((text) => fromHex(text)!);

function compared(
  left: Session,
  right: Session,
  packets: readonly Uint8Array[],
  { chunk = packets.length, isSame = false, engine }: Options = {},
): Comparison {
  const comparison = new Comparison(sideOf('left', left), sideOf('right', right, engine), isSame);
  for (let at = 0; at < packets.length; at += chunk)
    finish(comparison.run(packets.slice(at, at + chunk)));
  return comparison;
}
interface Options {
  readonly chunk?: number;
  readonly isSame?: boolean;
  readonly engine?: Engine;
}

/** XDP_DROP where the first byte is so, else XDP_PASS. */
const dropping = (byte: number): string =>
  `r0 = 2; r1 = *(u32 *)(r1 + 0); r1 = *(u8 *)(r1 + 0); if r1 != ${byte} goto +1; r0 = 1; exit`;

test('given up on the way it stands in front of the packets as if nothing had been', () => {
  const map = { type: MAP_TYPE_ID.array, valueSize: 8, maxEntries: 1 };
  // Each counts in a map: packets that had run would be seen there.
  const counting = (by: number) =>
    withMaps(
      '*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ' +
        'call bpf_map_lookup_elem; ' +
        `if r0 == 0 goto out; r1 = *(u64 *)(r0 + 0); r1 += ${by}; *(u64 *)(r0 + 0) = r1; ` +
        'r0 = 2; if r1 < 50 goto out; r0 = 1; out: exit',
      [map, {}],
    );
  const packets = Array.from({ length: 50 }, () => new Uint8Array(20));
  const [left, right] = [1, 3].map((by) => sideOf(`by ${by}`, counting(by)));
  const comparison = new Comparison(left, right, false);
  // The very first begins with all maps as they were, whatever was before.
  finish(comparison.run(packets.slice(0, 10)));
  for (const steps of [0, 1, 3]) {
    const work = comparison.run(packets.slice(10));
    for (let i = 0; i < steps; i++) work.next();
    work.return();
    expect(comparison.packets).toBe(10);
  }
  finish(comparison.run(packets.slice(10)));
  const whole = new Comparison(sideOf('by 1', counting(1)), sideOf('by 3', counting(3)), false);
  finish(whole.run(packets));
  const what = ({ packets, differing, kinds, differences, maps }: Comparison) => ({
    packets,
    differing,
    kinds,
    differences,
    maps,
  });
  expect(what(comparison)).toEqual(what(whole));
  expect(comparison.maps).toBeDefined();
});

test('progress says which packet of the capture runs, and which is looked at', () => {
  const sides = [xdp(dropping(5)), xdp(dropping(6))].map((side) => sideOf('x', side));
  const comparison = new Comparison(sides[0], sides[1], false);
  const said = (packets: readonly Uint8Array[]) => {
    const words: [string, number][] = [];
    const work = comparison.run(packets);
    for (let next = work.next(); !next.done; next = work.next())
      words.push([next.value.what, next.value.done]);
    return words;
  };
  said(frames('05', '06', '07'));
  const words = said(frames('07', '05'));
  const those = (what: string) => words.filter(([word]) => word.startsWith(what));
  // On both sides; those in front of one on which they differ once more.
  expect(those('running packet').slice(0, 4)).toEqual([
    ['running packet 4', 4],
    ['running packet 5', 5],
    ['running packet 4', 4],
    ['running packet 5', 5],
  ]);
  expect(those('looking at packet')).toEqual([['looking at packet 4', 3]]);
});

describe('two programs', () => {
  test('that are the same differ on nothing', () => {
    const found = compared(xdp(dropping(5)), xdp(dropping(5)), frames('05', '06', '05'));
    expect([found.packets, found.differing, found.differences, found.maps]).toEqual([
      3,
      0,
      [],
      undefined,
    ]);
    expect(found.verdicts.inOrder.map(({ key, count }) => [key, count])).toEqual([
      [['XDP_DROP', 'XDP_DROP'], 2],
      [['XDP_PASS', 'XDP_PASS'], 1],
    ]);
  });

  test.each([1, 2, 100])('another number: chunks of %i', (chunk) => {
    const packets = frames('05', '06', '07', '05', '06');
    const found = compared(xdp(dropping(5)), xdp(dropping(6)), packets, { chunk });
    expect(found.differences.map(({ packet, kinds }) => [packet, kinds])).toEqual(
      [0, 1, 3, 4].map((packet) => [packet, ['verdict']]),
    );
    expect(found.kinds.get('verdict')).toBe(4);
    const [{ left, right, parting }] = found.differences;
    expect([left.verdict, right.verdict]).toEqual(['XDP_DROP', 'XDP_PASS']);
    // Both did three instructions; the branch is the fourth.
    expect(parting).toMatchObject({
      left: { step: 3, pc: 3, text: 'if r1 != 0x5 goto +0x1' },
      right: { step: 3, pc: 3, text: 'if r1 != 0x6 goto +0x1' },
      before: [{ pc: 2 }, { pc: 2 }],
    });
  });

  test.each([400, 2048, 3000])('thousands of packets, %i of them at once', (chunk) => {
    const packets = Array.from({ length: 3000 }, (_, i) => Uint8Array.of(i % 7, i));
    const [left, right] = [dropping(5), dropping(6)];
    const found = compared(xdp(left), xdp(right), packets, { chunk, engine: JIT });
    const differing = packets.flatMap(([byte], i) => (byte === 5 || byte === 6 ? [i] : []));
    expect([found.packets, found.differing]).toEqual([3000, differing.length]);
    expect(found.differences.map(({ packet }) => packet)).toEqual(differing.slice(0, 64));
    const others = packets.map((_, i) => [found.others.verdictOf(i).name, found.others.isOther(i)]);
    const verdict = (byte: number) => (byte === 6 ? 'XDP_DROP' : 'XDP_PASS');
    expect(others).toEqual(packets.map(([byte]) => [verdict(byte), byte === 5 || byte === 6]));
    // Steps are those of each packet.
    const same = compared(xdp(left), xdp(left), packets, { chunk, isSame: true, engine: JIT });
    expect([same.differing, same.verdicts.inOrder.map(({ count }) => count)]).toEqual([
      0,
      [2572, 428],
    ]);
  });

  test('an instruction put in between: where a branch leads is not what differs', () => {
    const longer = dropping(5).replace('goto +1; r0 = 1', 'goto +2; r0 = 1; r0 = 3');
    const found = compared(xdp(dropping(5)), xdp(longer), frames('05'));
    expect(found.differences[0].parting).toMatchObject({
      left: { step: 5, text: 'exit' },
      right: { step: 5, text: 'r0 = 0x3' },
    });
  });

  test('another packet goes on', () => {
    const writing = (value: number) =>
      `r2 = *(u32 *)(r1 + 0); *(u8 *)(r2 + 0) = ${value}; r0 = 2; exit`;
    const found = compared(xdp(writing(1)), xdp(writing(9)), frames('05', '09'));
    const said = found.differences.map(({ packet, kinds, right }) => [
      packet,
      kinds,
      [...right.packetOut],
    ]);
    expect(said).toEqual([
      [0, ['packet'], [9]],
      [1, ['packet'], [9]],
    ]);
  });

  test('one faults: elsewhere is no difference, another kind is', () => {
    const reads = (at: number) => `r2 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r2 + ${at}); exit`;
    const kinds = (left: string, right: string) =>
      compared(xdp(left), xdp(right), frames('05')).differences.map((one) => one.kinds);
    expect(kinds(reads(4), `r3 = 0; ${reads(8)}`)).toEqual([]);
    expect(kinds(reads(4), 'r0 = 0; exit')).toEqual([['fault']]);
    expect(kinds(reads(4), 'r0 = *(u8 *)(r0 + 0); exit')).toEqual([['fault']]);
  });

  test('that do the same to their end on other maps part at no instruction', () => {
    const reading = (value: string) =>
      withMaps('ld_pseudo r1, 0x2, 0; r0 = *(u64 *)(r1 + 0); exit', [{ maxEntries: 1 }], {
        presets: [{ map: 'm0', key: '00000000', value }],
      });
    const found = compared(
      reading('01'.padEnd(16, '0')),
      reading('02'.padEnd(16, '0')),
      frames('05'),
    );
    expect(found.differences.map(({ kinds, parting }) => [kinds, parting])).toEqual([
      [['verdict'], undefined],
    ]);
    const lines = comparisonReport(found, { left: 'a.o', right: 'b.o', capture: 'c.pcap' });
    expect(lines).toContain('- No instruction was found at which the two runs part.');
  });

  test('packets in front of one that differs are run before it is looked at', () => {
    /** Drops packets from a number on, which stands in one map; they are counted in another. */
    const dropsFrom = (number: number) =>
      withMaps(
        'ld_pseudo r1, 0x2, 0; r2 = *(u64 *)(r1 + 0); r3 = r2; r3 += 1; *(u64 *)(r1 + 0) = r3; ' +
          'ld_pseudo r1, 0x2, 1; r4 = *(u64 *)(r1 + 0); r0 = 2; if r2 < r4 goto +1; r0 = 1; exit',
        [{ maxEntries: 1 }, { maxEntries: 1 }],
        { presets: [{ map: 'm1', key: '00000000', value: `0${number}`.padEnd(16, '0') }] },
      );
    const found = compared(dropsFrom(2), dropsFrom(4), frames('00', '00', '00', '00', '00'));
    expect(
      found.differences.map(({ packet, parting }) => [
        packet,
        parting?.before?.[0].text,
        parting?.left.text,
        parting?.right.text,
      ]),
    ).toEqual([
      [2, 'if r2 < r4 goto +0x1', 'r0 = 0x1', 'exit'],
      [3, 'if r2 < r4 goto +0x1', 'r0 = 0x1', 'exit'],
    ]);
  });

  test('r0 and steps count of one program alone', () => {
    const [short, long] = ['r0 = 2; exit', 'r0 = 1; r0 = 2; exit'].map(xdp);
    expect(compared(short, long, frames('05')).differing).toBe(0);
    const kinds = compared(short, long, frames('05'), { isSame: true }).differences[0].kinds;
    expect(kinds).toEqual(['steps']);
  });

  test('differences are kept up to a bound, and counted beyond it', () => {
    const found = compared(
      xdp('r0 = 1; exit'),
      xdp('r0 = 2; exit'),
      Array.from({ length: 100 }, () => Uint8Array.of(1)),
      { chunk: 30 },
    );
    expect([found.differing, found.differences.length]).toEqual([100, 64]);
    const lines = comparisonReport(found, { left: 'a.o', right: 'b.o', capture: 'c.pcap' });
    expect(lines).toContain('The first 64 of 100.');
  });
});

describe('maps', () => {
  /** Counts packets whose first byte is so. */
  const counting = (byte: number, step = 1) =>
    withMaps(
      'r6 = *(u32 *)(r1 + 0); r6 = *(u8 *)(r6 + 0); *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; ' +
        'ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem; if r0 == 0 goto +3; ' +
        `if r6 != ${byte} goto +2; r1 = ${step}; lock *(u64 *)(r0 + 0) += r1; r0 = 2; exit`,
      [{}],
    );

  test.each([1, 3, 5, 100])('part behind a packet: chunks of %i', (chunk) => {
    const packets = frames('01', '02', '01', '07', '01', '07', '01');
    const found = compared(counting(7), counting(8), packets, { chunk });
    expect(found.differing).toBe(0);
    expect(found.maps).toEqual({
      packet: 3,
      differences: [
        {
          map: 'm0',
          key: '00000000',
          left: '0100000000000000',
          right: '0000000000000000',
          count: 1,
          isCut: false,
        },
      ],
    });
    const lines = comparisonReport(found, { left: 'a.o', right: 'b.o', capture: 'c.pcap' });
    expect(lines).toContain('They part behind packet 3.');
  });

  test('behind a comparison both stand at the end of what they were given', () => {
    const packets = frames('07', '07', '01', '07');
    const found = compared(counting(7), counting(7, 2), packets, { chunk: 2 });
    const now = [found.left, found.right].map(({ session: { machine } }) => {
      const [{ value }] = [...machine.maps[0].entries()];
      return machine.memory.bytes[value];
    });
    expect(now).toEqual([3, 6]);
  });

  test('that only one has, or that are others, are named', () => {
    const with_ = (maps: Parameters<typeof withMaps>[1]) => withMaps('r0 = 2; exit', maps);
    const problems = (left: Session, right: Session) =>
      compared(left, right, frames('00')).maps?.differences.map(({ problem }) => problem);
    expect(problems(with_([{}]), with_([{}, {}]))).toEqual(['only the second has it']);
    expect(problems(with_([{}, {}]), with_([{}]))).toEqual(['only the first has it']);
    expect(problems(with_([{}]), with_([{ valueSize: 4 }]))).toEqual([
      'type 2, 4 -> 8 bytes; type 2, 4 -> 4 bytes',
    ]);
  });
});

test('a report says verdicts, packets and maps', () => {
  const hash = { type: MAP_TYPE_ID.hash };
  const putting = (byte: number, maps: Parameters<typeof withMaps>[1]) =>
    withMaps(
      'r6 = *(u32 *)(r1 + 0); r6 = *(u8 *)(r6 + 0); *(u32 *)(r10 - 4) = r6; r2 = r10; r2 += -4; ' +
        `*(u64 *)(r10 - 16) = 1; r3 = r10; r3 += -16; r4 = 0; r0 = 2; if r6 == ${byte} goto +4; ` +
        'ld_pseudo r1, 0x1, 0; call bpf_map_update_elem; r0 = 1; exit',
      maps,
    );
  const packets = frames('05', '06', '07');
  const report = (left: Session, right: Session) =>
    comparisonReport(compared(left, right, packets), {
      left: 'a.o',
      right: 'b.o',
      capture: 'c.pcap',
      numberOf: (packet) => packet + 1,
    });
  expect(report(putting(5, [hash]), putting(6, [hash]))).toEqual([
    '# `a.o` and `b.o`',
    '',
    '3 packets of `c.pcap`: they differ on 2 (66.7 %), and in their maps.',
    '- In the verdict: 2 packets.',
    '',
    '## Verdicts',
    '',
    '| `a.o` | `b.o` | packets | share | first |  |',
    '| --- | --- | --- | --- | --- | --- |',
    '| `XDP_PASS` | `XDP_DROP` | 1 | 33.3 % | 1 | differ |',
    '| `XDP_DROP` | `XDP_PASS` | 1 | 33.3 % | 2 | differ |',
    '| `XDP_DROP` | `XDP_DROP` | 1 | 33.3 % | 3 |  |',
    '',
    '## Packets on which they differ',
    ...[1, 2].flatMap((number) => [
      '',
      `### Packet ${number}`,
      '',
      '|  | `a.o` | `b.o` |',
      '| --- | --- | --- |',
      number === 1
        ? '| the verdict | `XDP_PASS` | `XDP_DROP` |'
        : '| the verdict | `XDP_DROP` | `XDP_PASS` |',
      '',
      '- The runs part behind `r0 = 0x2` (step 9, instruction 9):',
      '  - `a.o`: `if r6 == 0x5 goto +0x4` (step 10, instruction 10)',
      '  - `b.o`: `if r6 == 0x6 goto +0x4` (step 10, instruction 10)',
    ]),
    '',
    '## Maps',
    '',
    'They part behind packet 1.',
    '',
    '| map | key | `a.o` | `b.o` | keys that differ |',
    '| --- | --- | --- | --- | --- |',
    '| `m0` | `05000000` | `none` | `0100000000000000` | 1 |',
  ]);
  expect(report(putting(5, [hash, {}]), putting(5, [hash])).slice(-3)).toEqual([
    '| map | key | `a.o` | `b.o` | keys that differ |',
    '| --- | --- | --- | --- | --- |',
    '| `m1` |  | `only the first has it` |  |  |',
  ]);
});

describe('two engines over recorded packets differ on nothing', () => {
  const file = 'core/testdata/packets/designed.pcap';
  const packets = readCapture(file, new Uint8Array(readFileSync(file))).packets.map(
    ({ bytes }) => bytes,
  );
  test.each(EXAMPLES.map(({ name }) => name))('%s', (name) => {
    const example = openExample(name);
    const found = compared(example, example, packets, { isSame: true, engine: JIT });
    expect([found.packets, found.differences, found.maps]).toEqual([packets.length, [], undefined]);
  });
});

test('programs that know their source part at its lines', () => {
  const open = (object: string) => openExample(object);
  const [filter, other] = [open('xdp-firewall'), open('rate-limit')];
  const { parting } = compared(filter, other, [filter.frame]).differences[0] ?? {};
  expect(parting?.left.source).toMatch(/\w/);
  expect(parting?.left.line).toMatch(/program\.c:\d+$/);
  expect(parting?.left.source).not.toBe(parting?.right.source);
});

test('names of files are shown as they are written, whatever is in them', () => {
  const found = compared(xdp('r0 = 1; exit'), xdp('r0 = 2; exit'), frames('05'));
  const text = comparisonReport(found, {
    left: 'a`b|c.o',
    right: '\u202ex\n# y',
    capture: 'p.pcap',
    packetName: () => 'p.pcap #1',
  }).join('\n');
  expect(text).toContain('`` a`b\\|c.o ``');
  expect(text).not.toContain('\u202e');
  expect(text).not.toMatch(/^# y/m);
  expect(text).toContain('### Packet 0, `p.pcap #1`');
});

test('where the runs of long loops part is looked for in pieces, so that it can be stopped', () => {
  const loop = (times: number) =>
    sideOf(
      'loop',
      session(`r0 = ${times}; r0 -= 1; if r0 != 0 goto -2; r0 = 2; exit`, { hook: 'xdp' }),
    );
  const looked = (times: number, other: number) => {
    const [left, right] = [loop(times), loop(other)];
    const work = partingOf(left, right, 0, new Uint8Array(1), true);
    let pieces = 0;
    for (let next = work.next(); ; next = work.next()) {
      if (next.done) return { pieces, parting: next.value };
      if (next.value.what === 'looking where the runs part') pieces += 1;
    }
  };
  // 10,000 instructions of a piece, beginning with the first.
  expect(looked(20, 20)).toEqual({ pieces: 1, parting: undefined });
  expect(looked(20_000, 20_000)).toEqual({ pieces: 5, parting: undefined });
  const { parting, pieces } = looked(9000, 9001);
  expect([pieces, parting?.register, parting?.left.step]).toEqual([1, 0, 1]);
});
