import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { joined } from '../bytes/joined.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { pcapngHead, pcapngPacket } from '../packet/capture/pcapng-write.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import type { HookName } from '../spec/program-types.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { TCP4 } from '../testing/frames.ts';
import { type CoverResult, cover } from './cover.ts';
import { coveringInputs } from './inputs.ts';
import { Ways, waysOfRun } from './ways.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

const covered = async (inputs: SessionInputs): Promise<CoverResult> =>
  finish(cover(inputs, linear, await openObject(inputs)));

/** Ways that the packets of a session take, as it runs them. */
async function waysOf(inputs: SessionInputs): Promise<Ways> {
  const session = new Session(inputs, linear, await openObject(inputs));
  finish(session.prepare());
  const { machine } = runnableSession(session);
  const ways = new Ways(machine);
  for (const packet of inputs.packets.keys()) {
    finish(session.select(packet));
    if (session.bypass === undefined) ways.add(finish(waysOfRun(runnableSession(session))));
  }
  return ways;
}

const inWords = ({ ways, lines, before, after, given, packets, missing }: CoverResult): string =>
  [
    `${before} of ${ways} ways by ${given} packets, ${after} by ${packets.length}`,
    ...(lines ? [`${lines.before} of ${lines.all} lines, ${lines.after}`] : []),
    ...packets
      .slice(given)
      .map(({ name, bytes, done, wait, fill }) =>
        [
          `+ ${name}, ${bytes.length} bytes`,
          ...(wait === undefined ? [] : [`${wait} ns later`]),
          ...done.map(
            ({ map, key, value = 'none', words }) => words ?? `${map}[${key}] = ${value}`,
          ),
          ...(fill === undefined ? [] : [`${fill} filled`]),
        ].join('; '),
      ),
    ...missing.map(
      ({ pc, taken, text, line, why }) =>
        `- ${pc}${line ? ` (line ${line.line})` : ''} ${text}: ` +
        `${taken ? 'taken' : 'not taken'}: ${why}`,
    ),
    '',
  ].join('\n');

describe.each(EXAMPLES)('$name of the gallery', (example) => {
  const file = join(process.cwd(), 'public/examples', folderOf(example), example.object);
  const inputs = inputsOfExample(example, new Uint8Array(readFileSync(file)), []);
  test('each way is taken, or it is said why not; a session takes the same ones', async () => {
    const result = await covered(inputs);
    await expect(inWords(result)).toMatchFileSnapshot(
      join('../testdata/cover', `${example.name}.txt`),
    );
    const made = { ...inputs, ...coveringInputs(inputs, result) };
    const missing = result.missing.map(({ pc, taken }) => ({ pc, taken }));
    expect((await waysOf(made)).missing).toEqual(missing);
    if (!result.isTimed) return;
    // As the packets come back from a capture: by their times alone.
    const saved = made.packets.map(({ bytes, time }) =>
      pcapngPacket({ bytes, time: BigInt(time!), wireLength: bytes.length, comment: '' }),
    );
    const { packets } = readCapture('saved', joined([...pcapngHead(), ...saved]));
    const read = packets.map(({ name, bytes, timestamp }) => ({
      name,
      bytes,
      time: `${timestamp}`,
    }));
    expect((await waysOf({ ...made, packets: read })).missing).toEqual(missing);
  });
});

describe('ways are found', () => {
  const of = (source: string, hook: HookName, bytes: Uint8Array = TCP4) =>
    covered({
      ...inputsFor('test', assemble(source)),
      hook,
      packets: [{ name: 'packet', bytes }],
    });
  test('by the bytes that are compared, one behind the other', async () => {
    const { ways, before, after, packets } = await of(
      'r0 = 0; r3 = *(u32 *)(r1 + 4); if r3 != 0x12345678 goto out; ' +
        'r4 = *(u8 *)(r1 + 9); r4 ^= 3; if r4 != 8 goto out; r0 = 1; out: exit',
      'ubpf',
      new Uint8Array(16),
    );
    expect([ways, before, after]).toEqual([4, 1, 4]);
    expect(packets.some(({ bytes }) => bytes[4] === 0x78 && bytes[7] === 0x12)).toBe(true);
    expect(packets.some(({ bytes }) => bytes[4] === 0x78 && bytes[9] === 11)).toBe(true);
  });
  test('by the length', async () => {
    const { missing, packets } = await of(
      'r0 = 0; r3 = *(u32 *)(r1 + 4); r2 = *(u32 *)(r1 + 0); r2 += 100; ' +
        'if r2 > r3 goto out; r0 = 1; out: exit',
      'xdp',
    );
    expect(missing).toEqual([]);
    expect(packets.some(({ bytes }) => bytes.length >= 100)).toBe(true);
  });
  test('none where what is compared is always the same', async () => {
    const { missing } = await of('r0 = 5; if r0 == 5 goto out; r0 = 6; out: exit', 'ubpf');
    expect(missing).toMatchObject([
      { pc: 1, taken: false, why: 'what it compares is the same for every packet and every map' },
    ]);
  });
  test('none behind one that is not taken', async () => {
    const { missing } = await of(
      'r0 = 5; if r0 == 5 goto out; if r1 == 6 goto out; r0 = 6; out: exit',
      'ubpf',
    );
    expect(missing.map(({ pc, why }) => [pc, why])).toEqual([
      [1, 'what it compares is the same for every packet and every map'],
      [2, 'no packet comes here'],
      [2, 'no packet comes here'],
    ]);
  });
});

describe('ways that hang on more than the bytes of a packet', () => {
  const bytes = new Uint8Array(readFileSync('core/testdata/cover/needs.o'));
  const of = (program: string) => covered({ ...inputsFor('needs.o', bytes), program, packets: [] });
  const whyOf = async (program: string) => (await of(program)).missing.map(({ why }) => why);
  const doneIn = ({ packets }: CoverResult) =>
    packets.flatMap(({ done }) => done.map(({ words }) => words));

  test('a variable is another one in front of one packet', async () => {
    const result = await of('variable');
    expect(result.missing).toEqual([]);
    expect(doneIn(result)).toEqual(['strict = 0x00000007']);
  });
  test('a constant is one for a program that is loaded', async () => {
    expect(await whyOf('constant')).toEqual([
      'only with another value of built_with_ports, set before the program is loaded: ' +
        'for a loaded program it is a constant',
    ]);
  });
  test('a packet is waited for', async () => {
    const { missing, packets, isTimed } = await of('waits');
    expect([missing, isTimed]).toEqual([[], true]);
    const [before, last] = packets.slice(-2);
    // More than five seconds are asked for: ten are the first usual span that is enough.
    expect(last.wait).toBe(10_000_000_000n);
    expect(last.time - before.time).toBe(last.wait);
  });
  test('an entry has a state, and then a packet a byte', async () => {
    const result = await of('state');
    expect(result.missing).toEqual([]);
    const last = result.packets.at(-1)!;
    expect(last.bytes[14]).toBe(0x61);
    expect(last.done).toMatchObject([
      { map: 'hosts', value: `${'0'.repeat(16)}03${'0'.repeat(14)}` },
    ]);
  });
  test('a ring buffer that nobody reads is full behind so many records', async () => {
    const { missing, packets } = await of('full');
    expect(missing).toEqual([]);
    // 4,096 bytes hold seven of 504 with their heads of 8, since the last byte is never used:
    // bpftool prog run of it on Linux 6.18 returns 0 seven times, then 2.
    expect(packets).toHaveLength(8);
  });
  test('programs are put into an empty slot, and what they need is found, too', async () => {
    const result = await of('calls');
    expect(doneIn(result)).toContain('next[1] = variable');
    expect(doneIn(result).join()).toContain('strict = 0x00000007');
    expect(result.missing.map(({ line }) => line?.text).sort()).toEqual([
      'if (data + 20 > end)',
      'return built_with_ports ? XDP_DROP : XDP_PASS;',
      'return ctx->rx_queue_index ? XDP_DROP : XDP_TX;',
    ]);
  });
  test('programs that it does not call have no ways of it', async () => {
    expect((await of('variable')).ways).toBe(2);
  });
  test.each([
    ['checked', /^bpf_skb_load_bytes never failed: .* the packet ends before the bytes/],
    [
      'twice',
      /^what would turn it, a packet of 19 bytes, goes another way before, at .*line 1\d\d/,
    ],
    ['called', /^only where the packet comes otherwise: rx_queue_index is 0$/],
  ])('%s: it is said what would be needed', async (program, why) => {
    expect(await whyOf(program)).toEqual([expect.stringMatching(why)]);
  });
});

test('a session that goes by a capture keeps its times', async () => {
  const bytes = new Uint8Array(readFileSync('core/testdata/cover/needs.o'));
  const start = inputsFor('needs.o', bytes);
  const inputs: SessionInputs = {
    ...start,
    program: 'waits',
    packets: [
      { name: 'one', bytes: TCP4, time: '7000000000' },
      { name: 'two', bytes: TCP4, time: '7000500000' },
    ],
    settings: { ...start.settings, clock: 'capture' },
  };
  const { packets } = coveringInputs(inputs, await covered(inputs));
  expect(packets.slice(0, 2)).toEqual(inputs.packets);
  expect(packets.slice(2).every(({ time }) => BigInt(time!) > 7_000_500_000n)).toBe(true);
});

test('what a person changes in packets that are given is changed in the set, too', async () => {
  const program = 'r0 = 0; r3 = *(u8 *)(r1 + 0); if r3 != 9 goto out; r0 = 1; out: exit';
  const inputs: SessionInputs = {
    ...inputsFor('test', assemble(program)),
    hook: 'ubpf',
    packets: [{ name: 'packet', bytes: new Uint8Array(16) }],
    edits: [{ packet: 0, step: 2, target: { kind: 'register', index: 3 }, value: '9' }],
  };
  expect((await covered(inputs)).before).toBe(1);
  const ways = await waysOf({ ...inputs, ...coveringInputs(inputs, await covered(inputs)) });
  expect(ways.missing).toEqual([]);
});
