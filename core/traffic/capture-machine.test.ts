import { afterEach, describe, expect, test, vi } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import { inputsFor } from '../session/inputs.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { Session } from '../session/session.ts';
import type { Settings } from '../session/types.ts';
import { pcapOf } from '../testing/pcap.ts';
import { CaptureFile } from './capture-file.ts';
import { Traffic } from './traffic.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const COUNT = 3000;
/** Behind the first 256; the last one is alone once the capture is known to end there. */
const MANY = COUNT - 256 - 1;

/** How many packets went into each call of compiled code, and what the work said on the way. */
async function callsOf(source: string, settings: Partial<Settings> = {}) {
  const inputs = { ...inputsFor('x.bin', assemble(source)), hook: 'ubpf' as const };
  const { object } = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
  const packets = Array.from({ length: COUNT }, () => ({ bytes: new Uint8Array(20) }));
  const file = new CaptureFile('x.pcap', new Blob([pcapOf(packets) as BlobPart]), false);
  const traffic = new Traffic(file, new WebAssembly.Memory({ initial: 1 }));
  const given = vi.spyOn(PacketBatch.prototype, 'run');
  traffic.begin({
    inputs: { ...inputs, settings: { ...inputs.settings, ...settings } },
    object,
    engine: JIT,
  });
  let breaths = 0;
  while (traffic.hasWork)
    await traffic.work(async (work) => {
      for (let next = work.next(); !next.done; next = work.next())
        if (next.value.what.startsWith('running packet')) breaths++;
      return false;
    });
  expect(traffic.view.judged).toBe(COUNT);
  return { calls: given.mock.calls.map(([, { starts }]) => starts.length), breaths };
}
const LOOP = (rounds: number): string => `r1 = ${rounds}; r1 -= 1; if r1 != 0 goto -2; exit`;

describe('behind the first 256, which run one by one', () => {
  test('packets of few steps run all in one go', async () => {
    const { calls } = await callsOf('r0 = 1; exit');
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(MANY);
    expect(calls.length).toBeLessThan(4);
  });
  test('those of many steps as many as have four million together', async () => {
    // 4,002 steps each.
    const { calls, breaths } = await callsOf(LOOP(2000));
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(MANY);
    expect(Math.max(...calls)).toBe(Math.floor(4_000_000 / 4002));
    expect(breaths).toBeGreaterThanOrEqual(calls.length);
  });
  test.each<[string, Partial<Settings>]>([
    ['that come at the times of the capture', { clock: 'capture' }],
    ['of which each begins anew', { each: 'fresh' }],
  ])('packets %s run one by one', async (_title, settings) =>
    expect((await callsOf('r0 = 1; exit', settings)).calls).toEqual([]),
  );
});
