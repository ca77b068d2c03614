import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
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

const inWords = ({ ways, before, after, given, packets, missing }: CoverResult): string =>
  [
    `${before} of ${ways} ways by ${given} packets, ${after} by ${packets.length}`,
    ...packets
      .slice(given)
      .map(({ name, bytes, entries }) =>
        [
          `+ ${name}, ${bytes.length} bytes`,
          ...entries.map(({ map, key, value = 'none' }) => `${map}[${key}] = ${value}`),
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
    const ways = await waysOf({ ...inputs, ...coveringInputs(inputs, result.packets) });
    expect(ways.missing).toEqual(result.missing.map(({ pc, taken }) => ({ pc, taken })));
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
