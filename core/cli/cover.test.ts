import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCapture } from '../packet/capture/capture.ts';
import { readArguments } from './arguments.ts';
import { runCommand } from './run.ts';

/** Where the counter lies in .bss, in hex digits. */
const REFILLS = 8;
const folder = mkdtempSync(join(tmpdir(), 'cover-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cover(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const args = readArguments(['run', ...argv])!;
  const status = await runCommand(args, (line) => lines.push(line));
  return { status, lines };
}

test('packets that cover are written, and what none takes is said', async () => {
  const file = join(folder, 'tcp-port.pcapng');
  const { status, lines } = await cover('public/examples/tcp-port/program.o', '--cover', file);
  expect(status).toBe(0);
  expect(lines[0]).toMatch(/^13 of 14 ways out of conditional jumps are taken by \d+ packets/);
  expect(lines.slice(1)).toEqual([
    '4 of 5 lines with such jumps go every way, 0 before',
    expect.stringMatching(
      /program\.c:27, instruction 30, if .*: never taken: bpf_skb_load_bytes never failed: .*ends/,
    ),
  ]);
  const { packets } = readCapture('x', new Uint8Array(readFileSync(file)));
  expect(lines[0]).toContain(`by ${packets.length} packets`);
  // The program does not ask for the time.
  expect(packets.map(({ timestamp }) => timestamp)).toEqual(packets.map(() => 0n));
});

test('entries that have to be there are said, as JSON too', async () => {
  const file = join(folder, 'firewall.pcapng');
  const object = 'public/examples/xdp-firewall/program.o';
  const { lines } = await cover(object, '--cover', file);
  expect(
    lines.some((line) => /in front of packet \d+: blocked\[[0-9a-f]{8}\] = 0/.test(line)),
  ).toBe(true);
  const asJson = JSON.parse((await cover(object, '--cover', file, '--json')).lines[0]);
  expect(asJson).toMatchObject({ ways: 6, after: 6, missing: [] });
  expect(asJson.packets.some(({ entries }: { entries: unknown[] }) => entries.length > 0)).toBe(
    true,
  );
});

test('the capture of a program with timers runs by its times', async () => {
  const file = join(folder, 'rate-limit.pcapng');
  const object = 'public/examples/rate-limit/program.o';
  const { lines } = await cover(object, '--cover', file);
  expect(lines.join('\n')).toMatch(/run the file with --set clock=capture/);
  expect(lines.join('\n')).toMatch(/in front of packet \d+: \d+ ns pass since/);
  const refills = async (...argv: string[]): Promise<number> => {
    const { lines: told } = await cover(object, '--pcap', file, '--maps', 'all', ...argv);
    const { maps } = JSON.parse(told.at(-1)!);
    return Number.parseInt(maps['.bss'][0].value.slice(REFILLS, REFILLS + 2), 16);
  };
  expect(await refills('--json', '--set', 'clock=capture')).toBeGreaterThan(0);
  expect(await refills('--json', '--set', 'gap=0')).toBe(0);
});

test('a clock is one of two', async () => {
  const set = cover('public/examples/rate-limit/program.o', '--set', 'clock=sun');
  await expect(set).rejects.toThrow('--set clock: "sun" is not gap or capture');
});

test('a capture is summed up by its times, too', async () => {
  const file = join(folder, 'summed.pcapng');
  const object = 'public/examples/rate-limit/program.o';
  await cover(object, '--cover', file);
  const run = async (...argv: string[]): Promise<string> =>
    (await cover(object, '--pcap', file, ...argv)).lines.join('\n');
  const byTimes = ['--set', 'clock=capture'];
  const steps = [...(await run('--each', ...byTimes)).matchAll(/(\d+) steps/g)];
  const sum = steps.reduce((all, [, count]) => all + Number(count), 0);
  expect(await run(...byTimes)).toContain(`${steps.length} packets, ${sum} instructions`);
  expect(await run('--set', 'gap=0')).not.toContain(`${sum} instructions`);
});
